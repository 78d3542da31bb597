//! The processes that are measured.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{bare, scratch};

/// How long the vectors of a database may take.
const MADE_WITHIN: Duration = Duration::from_secs(3_600);

/// The product's binary.
#[derive(Clone)]
pub struct Product(pub PathBuf);

/// A server in a process of its own, ended when dropped.
pub struct Server {
    process: Process,
    pub address: String,
    /// What callers show; the echo doesn't look at it.
    pub key: String,
    #[expect(dead_code, reason = "kept for what dropping it does")]
    folder: Option<TempDir>,
}

/// A process that is ended when dropped.
struct Process(Child);

impl Server {
    /// The product over a new database, as `memoranda serve` starts it, its log thrown away. One key
    /// asks as fast as it can, so it is given no limit.
    pub fn product(product: &Product) -> Self {
        let folder = scratch();
        let key = product.initialise(folder.path());
        let server = Self::over(product, folder.path(), None, &key);
        Self { folder: Some(folder), ..server }
    }

    /// The same over a database that is there: a folder's, or that of a URL.
    pub fn over(product: &Product, folder: &Path, url: Option<&str>, key: &str) -> Self {
        Self::with(product, folder, url, key, &[])
    }

    /// The same, with further flags.
    pub fn with(
        product: &Product,
        folder: &Path,
        url: Option<&str>,
        key: &str,
        flags: &[&str],
    ) -> Self {
        let address = free_address();
        let mut command = product.command(folder);
        if let Some(url) = url {
            command.env("MEMORANDA_DATABASE", url);
        }
        let child = command
            .args(["serve", "--listen", &address, "--requests-per-second", "0"])
            .args(flags)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the product starts");
        Self { process: Process(child), address, key: key.to_owned(), folder: None }.ready()
    }

    /// This program again, as the bare server.
    pub fn echo() -> Self {
        let address = free_address();
        let program = std::env::current_exe().expect("a program knows where it is");
        let child = Command::new(program)
            .args([bare::ROLE, &address])
            .stdout(Stdio::null())
            .spawn()
            .expect("the echo starts");
        Self { process: Process(child), address, key: "none".to_owned(), folder: None }.ready()
    }

    /// The processor time it has taken so far, in seconds; `None` where the system doesn't say.
    ///
    /// What others do on the machine hardly changes it, so it is the steadiest figure there is.
    pub fn processor_time(&self) -> Option<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.0.id())).ok()?;
        // After the name, which may hold anything: user and system time are fields 14 and 15.
        let (_, fields) = stat.rsplit_once(')')?;
        let ticks: Vec<f64> = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse().ok())
            .collect();
        // Linux counts a hundred ticks a second for every program, whatever its own clock.
        Some(ticks.iter().sum::<f64>() / 100.0)
    }

    /// What it holds in memory: its own, and pages of files that others may use too and the system
    /// takes back when it needs room; in mebibytes. `None` where the system doesn't say.
    pub fn memory(&self) -> Option<(f64, f64)> {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.0.id())).ok()?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        };
        Some((of("RssAnon:")? / 1024.0, of("RssFile:")? / 1024.0))
    }

    /// Waits until it listens.
    fn ready(self) -> Self {
        for _ in 0..500 {
            if std::net::TcpStream::connect(&self.address).is_ok() {
                return self;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("a server on {} didn't listen within five seconds", self.address);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Product {
    /// Waits until every memory of a folder's database has its vectors; a server over it makes them.
    pub fn wait_for_vectors(&self, data: &Path) {
        let began = Instant::now();
        while !self.has_vectors(data) {
            assert!(began.elapsed() < MADE_WITHIN, "the vectors aren't made");
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    fn has_vectors(&self, data: &Path) -> bool {
        let output = self.command(data).args(["doctor", "--json"]).output();
        let output = output.expect("the product runs");
        let answer: Value = serde_json::from_slice(&output.stdout).expect("it answers in JSON");
        let checks = answer["checks"].as_array().into_iter().flatten();
        checks.filter(|one| one["check"] == "vectors").any(|one| one["state"] == "ok")
    }

    /// Its command line over a data folder, with nothing from the caller's environment.
    pub fn command(&self, data: &Path) -> Command {
        let mut command = Command::new(&self.0);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MEMORANDA_") {
                command.env_remove(name);
            }
        }
        command.arg("--data").arg(data);
        command
    }

    /// Makes the database and gives the owner's key.
    pub fn initialise(&self, data: &Path) -> String {
        Self::key_of(self.command(data))
    }

    /// The same in the database of a URL.
    pub fn initialise_on(&self, data: &Path, url: &str) -> String {
        let mut command = self.command(data);
        command.env("MEMORANDA_DATABASE", url);
        Self::key_of(command)
    }

    fn key_of(mut command: Command) -> String {
        let made = command.args(["init", "--json"]).output().expect("the product runs");
        let made: Value =
            serde_json::from_slice(&made.stdout).expect("`init --json` answers in JSON");
        made["key"].as_str().expect("a key").to_owned()
    }
}

/// An address that was free a moment ago.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").to_string()
}
