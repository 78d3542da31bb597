//! Files and folders that commands write: whole in their place, or not there.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::core::error::{Code, Error, Result};

/// A file that is being written beside its place, and takes it once it is whole.
pub(super) struct Place {
    path: PathBuf,
    part: PathBuf,
    /// `None` once it stands in its place.
    file: Option<BufWriter<File>>,
}

impl Place {
    /// Begins to write beside a place.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` when nothing can be written there.
    pub(super) fn beside(path: &Path) -> Result<Self> {
        let name = path
            .file_name()
            .ok_or_else(|| Error::invalid("output", "must be the name of a file"))?;
        let part = format!(".{}.{}.part", name.to_string_lossy(), std::process::id());
        let part = path.with_file_name(part);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = BufWriter::new(options.open(&part).map_err(cannot_write)?);
        Ok(Self { path: path.to_owned(), part, file: Some(file) })
    }

    /// Writes a line.
    ///
    /// # Errors
    /// As [`Place::beside`].
    pub(super) fn line(&mut self, line: &str) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        writeln!(file, "{line}").map_err(cannot_write)
    }

    /// Puts the file in its place, durably.
    ///
    /// # Errors
    /// As [`Place::beside`].
    pub(super) fn finish(mut self) -> Result<()> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let moved = file
            .flush()
            .and_then(|()| file.get_ref().sync_all())
            .and_then(|()| std::fs::rename(&self.part, &self.path));
        if moved.is_err() {
            self.file = Some(file);
        }
        moved.map_err(cannot_write)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// A folder that is being filled beside its place, and takes it once it is whole.
pub(super) struct Folder {
    path: PathBuf,
    part: PathBuf,
    is_in_place: bool,
}

impl Folder {
    /// Begins to fill a folder beside a place, where nothing may be yet.
    ///
    /// # Errors
    /// `ALREADY_EXISTS` when something is; `PERMISSION_DENIED` when nothing can be written there.
    pub(super) fn beside(path: &Path) -> Result<Self> {
        let name = path
            .file_name()
            .ok_or_else(|| Error::invalid("output", "must be the name of a folder"))?;
        let is_free =
            std::fs::read_dir(path).map_or(!path.exists(), |mut all| all.next().is_none());
        if !is_free {
            return Err(Error::new(Code::AlreadyExists, "something is at that place already")
                .with_fix("name a new folder with `--output DIR`"));
        }
        let part = format!(".{}.{}.part", name.to_string_lossy(), std::process::id());
        let part = path.with_file_name(part);
        std::fs::create_dir(&part).map_err(cannot_write)?;
        let folder = Self { path: path.to_owned(), part, is_in_place: false };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let own = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(&folder.part, own).map_err(cannot_write)?;
        }
        Ok(folder)
    }

    /// Writes a file, by its path below the folder.
    ///
    /// # Errors
    /// As [`Place::beside`].
    pub(super) fn file(&mut self, path: &str, text: &str) -> Result<()> {
        let path = self.part.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(cannot_write)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(cannot_write)?;
        file.write_all(text.as_bytes()).map_err(cannot_write)
    }

    /// Puts the folder in its place.
    ///
    /// # Errors
    /// As [`Place::beside`].
    pub(super) fn finish(mut self) -> Result<()> {
        std::fs::rename(&self.part, &self.path).map_err(cannot_write)?;
        self.is_in_place = true;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_in_place {
            let _ = std::fs::remove_dir_all(&self.part);
        }
    }
}

/// What it means that a file can't be written.
pub(super) fn cannot_write(error: std::io::Error) -> Error {
    Error::new(Code::PermissionDenied, "the file can't be written")
        .with_fix("choose another place with `--output FILE`")
        .with_cause(error)
}
