//! The official clients, driving the real binary over both transports.
//!
//! Each test starts what it needs and runs one script of `tests/clients`, which says what differed
//! from the contract. The clients are those that `.ci/tools.sh` installed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use memoranda::ops::CATALOGUE;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::conformance::tools;

const BINARY: &str = env!("CARGO_BIN_EXE_memoranda");
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients");
const INSPECTOR: &str =
    "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js";
/// Generous: a server that is slow to start on a loaded machine is no failure.
const LONGEST_START: Duration = Duration::from_secs(60);

#[test]
fn the_python_client_works_over_http() {
    over_http(|folder| script(&tools::python(folder), "python_http.py"));
}

#[test]
fn the_python_client_works_over_stdio() {
    over_stdio(|folder| script(&tools::python(folder), "python_stdio.py"));
}

#[test]
fn the_story_of_three_agents_and_a_person_ends_well_with_the_python_client() {
    over_http(|folder| script(&tools::python(folder), "story.py"));
}

#[test]
fn the_typescript_client_works_over_http() {
    over_http(|folder| script(&tools::node(folder), "client_http.mjs"));
}

#[test]
fn the_typescript_client_works_over_stdio() {
    over_stdio(|folder| script(&tools::node(folder), "client_stdio.mjs"));
}

#[test]
fn the_older_typescript_sdk_works_over_http() {
    over_http(|folder| script(&tools::node(folder), "sdk_http.mjs"));
}

#[test]
fn a_program_written_for_memanto_works_with_httpx() {
    over_http(|folder| script(&tools::python(folder), "memanto_walk.py"));
}

#[test]
fn a_program_written_for_memanto_works_with_curl() {
    over_http(|_| script(Path::new("sh"), "memanto_walk.sh"));
}

#[test]
fn the_inspector_finds_no_fault_over_http() {
    let Some(folder) = tools::folder() else { return };
    let home = home();
    let server = Server::start(&home);
    let authorization = format!("Authorization: Bearer {}", server.api_key);
    inspect(&folder, &home, &["--server-url", &server.url, "--header", &authorization]);
}

#[test]
fn the_inspector_finds_no_fault_over_stdio() {
    let Some(folder) = tools::folder() else { return };
    let home = home();
    let data = format!("MEMORANDA_DATA={}", home.path().join("data").display());
    inspect(&folder, &home, &["-e", &data, BINARY, "stdio"]);
}

/// Asks for each list and makes one call, in both eras; `--strict` reports schemas that some client
/// can't use.
fn inspect(folder: &Path, home: &TempDir, server: &[&str]) {
    let asked: [(&str, &[&str], &str); 4] = [
        ("tools/list", &["--strict"], "tools"),
        ("tools/call", &["--tool-name", "whoami"], "structuredContent"),
        ("resources/list", &[], "resources"),
        ("prompts/list", &[], "prompts"),
    ];
    for era in ["legacy", "modern"] {
        for (method, more, answer) in asked {
            let mut command = Command::new(tools::node(folder));
            command.arg(folder.join(INSPECTOR)).arg("--cli").args(server);
            command.args(["--stored-auth-only", "--format", "json", "--protocol-era", era]);
            command.args(["--method", method]).args(more);
            let output = succeed(home, command);
            let said: Value =
                serde_json::from_slice(&output.stdout).expect("the inspector says JSON");
            let said = said.get("result").unwrap_or(&said);
            assert!(!said[answer].is_null(), "{era} {method} answers without {answer}: {said}");
            assert_ne!(said["isError"], true, "{era} {method} failed: {said}");
        }
    }
}

/// By the published schemas of both, which the checkers carry with them.
#[test]
fn the_compose_file_and_the_manifests_are_valid() {
    let Some(folder) = tools::folder() else { return };
    let home = home();
    let example = |name: &str| Path::new(SCRIPTS).join("../../examples/replicas").join(name);

    let mut command = Command::new(folder.join("venv/bin/check-jsonschema"));
    command.args(["--builtin-schema", "vendor.compose-spec"]).arg(example("compose.yaml"));
    succeed(&home, command);
    let mut command = Command::new(folder.join("venv/bin/kubernetes-validate"));
    command.arg("--strict").arg(example("kubernetes.yaml"));
    succeed(&home, command);
}

/// Thousands of requests, made from the document's own schemas, right and wrong; each answer is held
/// against what the document says of it.
#[test]
fn schemathesis_finds_no_fault_in_the_openapi_document() {
    let Some(folder) = tools::folder() else { return };
    let home = home();
    let server = Server::start_with(&home, &["--failed-sign-ins=off", "--requests-per-second=off"]);
    let document = server.url.replace("/mcp", "/openapi.json");
    let report = home.path().join("report.json");
    let mut command = Command::new(folder.join("venv/bin/schemathesis"));
    command.current_dir(home.path());
    command.arg("--config-file").arg(Path::new(SCRIPTS).join("schemathesis.toml"));
    command.args(["run", &document, "--report", "json", "--report-json-path"]).arg(&report);
    command.env("PYTHONPATH", SCRIPTS).env("PYTHONDONTWRITEBYTECODE", "1").env("NO_COLOR", "1");
    command.env("SCHEMATHESIS_HOOKS", "openapi_hooks");
    command.env("MEMORANDA_API_KEY", &server.api_key);

    succeed(&home, command);

    let report = std::fs::read(report).expect("it reports");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report["operations"]["tested"], CATALOGUE.len(), "{report:#}");
    assert_eq!((&report["errors"], &report["failures"]), (&json!([]), &json!([])));
    let cases = report["test_cases"]["generated"].as_u64().expect("a number");
    assert!(cases > 1_000, "only {cases} requests were made");
}

fn over_http(program: impl Fn(&Path) -> Command) {
    let Some(folder) = tools::folder() else { return };
    let home = home();
    let server = Server::start(&home);
    let mut command = program(&folder);
    command.env("MEMORANDA_TOOLS", &folder);
    command.env("MEMORANDA_URL_UNDER_TEST", &server.url);
    command.env("MEMORANDA_API_KEY", &server.api_key);
    succeed(&home, command);
}

fn over_stdio(program: impl Fn(&Path) -> Command) {
    let Some(folder) = tools::folder() else { return };
    let home = home();
    let mut command = program(&folder);
    command.env("MEMORANDA_TOOLS", &folder).env("MEMORANDA_BIN", BINARY);
    succeed(&home, command);
}

fn script(interpreter: &Path, name: &str) -> Command {
    let mut command = Command::new(interpreter);
    command.arg(Path::new(SCRIPTS).join(name)).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Runs a command to its end.
///
/// # Panics
/// With all that it said, if it fails.
fn succeed(home: &TempDir, mut command: Command) -> Output {
    command.env("HOME", home.path()).env_remove("XDG_CONFIG_HOME").stdin(Stdio::null());
    let output = command.output().expect("the program starts");
    assert!(
        output.status.success(),
        "{} ended with {}\n{}\n{}",
        shown(&command),
        output.status,
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout),
    );
    output
}

/// A command as a person would type it, but for its variables and headers, which hold a key.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(OsStr::to_string_lossy).filter(|word| !word.starts_with("Authorization"));
    words.collect::<Vec<_>>().join(" ")
}

/// A folder that is home to one test, so that none sees a person's own settings.
fn home() -> TempDir {
    tempfile::tempdir().expect("the folder for temporary files is writable")
}

/// `memoranda serve` on a free port, with a key for it; ended when dropped.
struct Server {
    process: Child,
    url: String,
    api_key: String,
}

impl Server {
    fn start(home: &TempDir) -> Self {
        Self::start_with(home, &[])
    }

    fn start_with(home: &TempDir, flags: &[&str]) -> Self {
        let mut init = Command::new(BINARY);
        let data = home.path().join("data");
        init.arg("init").arg("--data").arg(&data).arg("--json");
        let made: Value =
            serde_json::from_slice(&succeed(home, init).stdout).expect("`init --json` says JSON");
        let api_key = made["key"].as_str().expect("`init` says the key").to_owned();

        let mut process = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .args(flags)
            .env("HOME", home.path())
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let url = format!("{}/mcp", base_url(&mut process));
        Self { process, url, api_key }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which its client will have noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads the server's banner up to its address, and goes on reading so that the server never waits
/// for us.
fn base_url(process: &mut Child) -> String {
    let banner = BufReader::new(process.stderr.take().expect("standard error is piped"));
    let (found, address) = mpsc::channel();
    thread::spawn(move || {
        for line in banner.lines().map_while(Result::ok) {
            if let Some((_, rest)) = line.split_once("listening on ") {
                // Nobody waits for a second one.
                let _ = found.send(rest.split_whitespace().next().unwrap_or_default().to_owned());
            }
        }
    });
    address.recv_timeout(LONGEST_START).expect("the server says where it listens")
}
