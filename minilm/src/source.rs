//! Where the bytes of a pack come from: memory, or the file of the program.
//!
//! A pack that is part of the program could be read where the system shows it. But then what is looked
//! at once, as the layers, stays with the process: eighteen megabytes. Read from the file, it is in
//! memory for as long as it is wanted.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of a pack.
pub(crate) enum Source {
    Held(Vec<u8>),
    /// Part of the program, and where that lies in its file, if the system says so.
    Program(&'static [u8], Option<Place>),
}

/// Bytes in a file.
#[derive(Clone)]
pub(crate) struct Place {
    file: Arc<std::fs::File>,
    start: u64,
}

impl Source {
    /// Bytes that are part of the program.
    pub(crate) fn of_program(bytes: &'static [u8]) -> Source {
        Source::Program(bytes, Place::of(bytes))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Source::Held(bytes) => bytes.len(),
            Source::Program(bytes, _) => bytes.len(),
        }
    }

    /// Some of the bytes.
    ///
    /// # Panics
    /// If they end beyond the end.
    pub(crate) fn read(&self, within: Range<usize>) -> Cow<'_, [u8]> {
        match self {
            Source::Held(bytes) => Cow::Borrowed(&bytes[within]),
            Source::Program(bytes, place) => {
                let bytes = &bytes[within.clone()];
                match place.as_ref().and_then(|place| place.read(within)) {
                    Some(read) => Cow::Owned(read),
                    None => Cow::Borrowed(bytes),
                }
            }
        }
    }

    /// Some of the bytes, as a source of their own.
    ///
    /// # Panics
    /// As [`Source::read`].
    pub(crate) fn part(&self, within: Range<usize>) -> Source {
        match self {
            Source::Held(bytes) => Source::Held(bytes[within].to_vec()),
            Source::Program(bytes, place) => {
                let start = within.start as u64;
                let place = place.clone();
                let place = place.map(|place| Place { start: place.start + start, ..place });
                Source::Program(&bytes[within], place)
            }
        }
    }
}

impl Place {
    /// Where bytes of the program lie in its file; `None` where the system doesn't say.
    #[cfg(target_os = "linux")]
    fn of(bytes: &'static [u8]) -> Option<Place> {
        use std::os::unix::fs::MetadataExt;

        let address = bytes.as_ptr().addr() as u64;
        let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
        let file = std::fs::File::open("/proc/self/exe").ok()?;
        let inode = file.metadata().ok()?.ino();
        let start = maps.lines().find_map(|line| {
            // Addresses, rights, the place in the file, device, inode, path.
            let mut fields = line.split_ascii_whitespace();
            let (from, to) = fields.next()?.split_once('-')?;
            let number = |text: &str| u64::from_str_radix(text, 16).ok();
            let (from, to, offset) = (number(from)?, number(to)?, number(fields.nth(1)?)?);
            let is_ours = fields.nth(1)?.parse() == Ok(inode);
            let holds = from <= address && address + bytes.len() as u64 <= to;
            (is_ours && holds).then_some(offset + (address - from))
        })?;
        let place = Place { file: Arc::new(file), start };
        // The beginning must be what it is in memory: the header, which tells one pack from another.
        let head = 0..bytes.len().min(1024);
        (place.read(head.clone())? == bytes[head]).then_some(place)
    }

    #[cfg(not(target_os = "linux"))]
    fn of(_: &'static [u8]) -> Option<Place> {
        None
    }

    #[cfg(unix)]
    fn read(&self, within: Range<usize>) -> Option<Vec<u8>> {
        use std::os::unix::fs::FileExt;

        let mut read = vec![0; within.len()];
        self.file.read_exact_at(&mut read, self.start + within.start as u64).ok()?;
        Some(read)
    }

    #[cfg(not(unix))]
    fn read(&self, _: Range<usize>) -> Option<Vec<u8>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn what_is_part_of_the_program_is_read_from_its_file() {
        let pack = minilm_words::PACK;

        let source = Source::of_program(pack);

        assert!(cfg!(not(target_os = "linux")) || matches!(source, Source::Program(_, Some(_))));
        assert_eq!(source.len(), pack.len());
        assert_eq!(*source.read(5000..70_000), pack[5000..70_000]);
        assert_eq!(*source.part(4000..80_000).read(1000..66_000), pack[5000..70_000]);
    }

    #[test]
    fn what_is_in_memory_alone_is_read_from_there() {
        let bytes: &'static [u8] = Box::leak((0..100).collect::<Vec<u8>>().into_boxed_slice());

        let source = Source::of_program(bytes);

        assert!(matches!(source, Source::Program(_, None)));
        assert_eq!(*source.part(10..20).read(2..4), [12, 13]);
    }
}
