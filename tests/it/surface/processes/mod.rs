//! The real binary, as people and clients start it: what it prints, how it ends, what survives.

mod activity;
mod answers;
mod balanced;
mod command_line;
mod crash;
mod doctor;
mod forward;
mod inout;
mod listening;
mod logs;
mod members;
mod migrate;
mod recall;
mod replicas;
mod sessions;
mod settings;
mod start;
mod stdio;
mod stop;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::Caller;

/// Generous: a machine under load is no failure.
const LONGEST: Duration = Duration::from_secs(60);

/// A folder that is home to one test, with the data in it; nobody's own settings are seen.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// The binary with these arguments, this home, and no settings but the data folder.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_memoranda"));
        let ours = |name: &str| name.starts_with("MEMORANDA_") || name.starts_with("XDG_");
        for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
            command.env_remove(name);
        }
        command.args(arguments).env("HOME", self.0.path()).env("MEMORANDA_DATA", self.data());
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().expect("the binary starts"))
    }

    /// Makes the database; gives the owner's key.
    fn init(&self) -> String {
        let made = self.run(&["init", "--json"]).json();
        made["key"].as_str().expect("a key").to_owned()
    }
}

/// A command that has ended.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What it printed, as JSON; it must have succeeded.
    fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.err);
        serde_json::from_str(&self.out).expect("JSON")
    }

    /// Asserts that it failed with this exit code, naming the error's code and the next step.
    fn refused(&self, exit: i32, code: &str) {
        assert_eq!(self.code, Some(exit), "{}\n{}", self.out, self.err);
        assert!(self.err.contains(&format!("[{code}]")), "{}", self.err);
        assert!(self.err.contains("fix: "), "{}", self.err);
        assert_eq!(self.out, "");
    }
}

/// Waits for a process, within bounds.
fn ended(process: &mut Child) -> ExitStatus {
    let since = Instant::now();
    loop {
        if let Some(status) = process.try_wait().expect("a child") {
            return status;
        }
        assert!(since.elapsed() < LONGEST, "the process doesn't end");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a process the signal of this name.
fn signal(process: &Child, name: &str) {
    let kill = format!("kill -{name} {}", process.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
}

/// Reads a stream's lines as they come, so that its writer never waits for us.
fn lines(stream: impl Read + Send + 'static) -> (Receiver<String>, JoinHandle<()>) {
    let (sender, lines) = mpsc::channel();
    let reading = thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    (lines, reading)
}

/// `memoranda serve` on a free port; killed when dropped.
struct Served {
    process: Child,
    url: String,
    out: (Receiver<String>, JoinHandle<()>),
    err: (Receiver<String>, JoinHandle<()>),
}

impl Served {
    fn start(home: &Home) -> Self {
        Self::from(home.command(&["serve", "--listen", "127.0.0.1:0"]))
    }

    fn from(mut command: Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary starts");
        let out = lines(process.stdout.take().expect("piped"));
        let err = lines(process.stderr.take().expect("piped"));
        let url = loop {
            let line = err.0.recv_timeout(LONGEST).expect("it says where it listens");
            if let Some((_, rest)) = line.split_once("listening on ") {
                break rest.split_whitespace().next().unwrap_or_default().to_owned();
            }
        };
        Self { process, url, out, err }
    }

    fn caller(&self, key: &str) -> Caller {
        Caller::new(&self.url, Some(key))
    }

    /// Tells it to stop; gives the exit code, and what it wrote to standard output and, since it
    /// listens, to standard error.
    fn stop(mut self) -> (Option<i32>, String, String) {
        signal(&self.process, "TERM");
        let code = ended(&mut self.process).code();
        let text = |(lines, reading): &mut (Receiver<String>, JoinHandle<()>)| {
            let all: Vec<String> = lines.iter().collect();
            assert!(reading.is_finished() || !all.is_empty() || lines.try_recv().is_err());
            all.join("\n")
        };
        (code, text(&mut self.out), text(&mut self.err))
    }

    fn kill(mut self) {
        self.process.kill().expect("a child");
        ended(&mut self.process);
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A process that speaks MCP on its standard input and output.
struct Piped {
    process: Child,
    input: Option<ChildStdin>,
    out: Receiver<String>,
    err: Receiver<String>,
}

impl Piped {
    fn start(home: &Home) -> Self {
        Self::from(home.command(&["stdio"]))
    }

    fn from(mut command: Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary starts");
        let (out, _) = lines(process.stdout.take().expect("piped"));
        let (err, _) = lines(process.stderr.take().expect("piped"));
        Self { input: process.stdin.take(), process, out, err }
    }

    fn write(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(format!("{line}\n").as_bytes()).expect("written");
        input.flush().expect("written");
    }

    /// The next frame.
    fn read(&self) -> Value {
        let line = self.out.recv_timeout(LONGEST).expect("a frame");
        frame(&line)
    }

    /// Asks and waits for the answer.
    fn ask(&mut self, id: u32, method: &str, params: Value) -> Value {
        self.write(&request(id, method, params));
        let answer = self.read();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    fn initialize(&mut self, client: &str) -> Value {
        let answer = self.ask(0, "initialize", hello(client));
        self.write(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        answer["result"].clone()
    }

    /// Calls a tool; gives the result.
    fn call(&mut self, name: &str, arguments: Value) -> Value {
        let params = json!({ "name": name, "arguments": arguments });
        let answer = self.ask(1, "tools/call", params);
        assert!(answer["result"].is_object(), "{answer}");
        answer["result"].clone()
    }

    /// Ends the input; gives the exit code, the frames that still came, and standard error.
    fn end(mut self) -> (Option<i32>, Vec<Value>, String) {
        drop(self.input.take());
        self.ended()
    }

    fn ended(mut self) -> (Option<i32>, Vec<Value>, String) {
        let code = ended(&mut self.process).code();
        let frames = self.out.iter().map(|line| frame(&line)).collect();
        (code, frames, self.err.iter().collect::<Vec<_>>().join("\n"))
    }
}

/// A line of standard output, which must be a JSON-RPC message.
fn frame(line: &str) -> Value {
    let frame: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no frame: {line}"));
    assert_eq!(frame["jsonrpc"], "2.0", "{line}");
    frame
}

fn request(id: u32, method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

fn hello(client: &str) -> Value {
    let client = json!({ "name": client, "version": "1" });
    json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client })
}

/// Parameters as the stateless era of 2026-07-28 carries them.
fn stateless(client: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": client, "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    params
}

/// A well-formed key that no database knows.
fn unknown_key() -> String {
    memoranda::identity::key::ApiKey::generate().whole().expose().to_owned()
}
