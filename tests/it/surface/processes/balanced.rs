//! The example with replicas behind a balancer: run as it stands, and its manifests held against what
//! the program answers.

use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{Home, Served};
use crate::cluster::cluster;
use crate::conformance::tools;
use crate::sources::ROOT;
use crate::support::Caller;

/// Whether a program is there; where tests must not be passed over, it has to be.
fn is_there(program: &str) -> bool {
    let found = format!("PATH=$PATH:/usr/sbin command -v {program}");
    let is_there = Command::new("sh").args(["-c", &found]).output().expect("a shell").status;
    if !is_there.success() {
        assert!(std::env::var_os("CI").is_none(), "CI has {program}: see .ci/tools.sh");
        // Not by a macro, whose output the test runner keeps to itself.
        let _ = writeln!(std::io::stderr(), "\n*** no {program}: the example is NOT RUN ***\n");
    }
    is_there.success()
}

/// Ports that are free now.
fn free_ports() -> String {
    let taken = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    taken.iter().map(|listener| port(listener).to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_client_behind_a_balancer_does_not_notice_that_a_replica_is_killed() {
    let Some(cluster) = cluster() else { return };
    if !is_there("haproxy") || !is_there("curl") {
        return;
    }
    let database = cluster.empty_database();

    let ran = Command::new("bash")
        .arg(Path::new(ROOT).join("examples/replicas/run.sh"))
        .arg("12")
        .env("MEMORANDA_BIN", env!("CARGO_BIN_EXE_memoranda"))
        .env("REPLICAS_DATABASE", database.url())
        .env("REPLICAS_PORTS", free_ports())
        .output()
        .expect("bash is there");

    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
    assert!(out.contains("  failures: 0  ") && out.contains("  lost: 0\n"), "{out}");
    let made = database.ask("SELECT count(*) FROM memories");
    let counted = |name: &str| -> usize {
        let after = out.split_once(&format!("{name}: ")).expect("it is counted").1;
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a number")
    };
    let (writes, unanswered) = (counted("writes"), counted("unanswered"));
    let made: usize = made[0].parse().expect("a number");
    assert!((writes - unanswered..=writes).contains(&made), "{made} memories: {out}");
}

/// A file of the example, each of its YAML documents as JSON. `None` without the tools.
fn documents(name: &str) -> Option<Vec<Value>> {
    let folder = tools::folder()?;
    let program = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))";
    let file = std::fs::File::open(Path::new(ROOT).join("examples/replicas").join(name));
    let mut command = Command::new(tools::python(&folder));
    let read = command.args(["-c", program]).stdin(file.expect("it is there")).output();
    let read = read.expect("Python is there");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    Some(serde_json::from_slice(&read.stdout).expect("JSON"))
}

/// A server as the manifest of Kubernetes starts it, but for its address.
fn served(home: &Home, public_url: &str) -> Served {
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("MEMORANDA_PUBLIC_URL", public_url);
    Served::from(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probes_of_kubernetes_are_answered_as_they_are_written() {
    let Some(all) = documents("kubernetes.yaml") else { return };
    let home = Home::new();
    let container = &all[0]["spec"]["template"]["spec"]["containers"][0];
    let variable = |name: &str| {
        let all = container["env"].as_array().expect("a list").iter();
        all.clone().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name}")).clone()
    };
    let public_url = variable("MEMORANDA_PUBLIC_URL")["value"].as_str().expect("a URL").to_owned();
    let server = served(&home, &public_url);

    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        let get = &container[probe]["httpGet"];
        let host = &get["httpHeaders"][0];
        assert_eq!((&get["port"], &host["name"]), (&json!("http"), &json!("Host")), "{probe}");
        let caller = Caller::new(&server.url, None);
        let path = get["path"].as_str().expect("a path");
        let asked = caller.request(reqwest::Method::GET, path);
        let asked = asked.header("host", host["value"].as_str().expect("a host"));

        assert_eq!(asked.send().await.expect("an answer").status(), 200, "{probe}");
    }
    assert_eq!(container["ports"][0], json!({ "name": "http", "containerPort": 7420 }));
    for name in ["MEMORANDA_DATABASE", "PGPASSWORD"] {
        assert!(variable(name)["valueFrom"]["secretKeyRef"]["key"].is_string(), "{name}");
    }
}

#[test]
fn the_manifests_of_kubernetes_select_the_same_pods_and_leave_one_running() {
    let Some(all) = documents("kubernetes.yaml") else { return };
    let kinds: Vec<&str> = all.iter().filter_map(|one| one["kind"].as_str()).collect();
    let labels = &all[0]["spec"]["template"]["metadata"]["labels"];

    assert_eq!(kinds, ["Deployment", "Service", "PodDisruptionBudget"]);
    assert_eq!(&all[0]["spec"]["selector"]["matchLabels"], labels);
    assert_eq!(&all[1]["spec"]["selector"], labels);
    assert_eq!(&all[2]["spec"]["selector"]["matchLabels"], labels);
    let (replicas, least) = (&all[0]["spec"]["replicas"], &all[2]["spec"]["minAvailable"]);
    assert!(replicas.as_u64() > least.as_u64() && least.as_u64() >= Some(1));
    assert_eq!(all[1]["spec"]["ports"][0]["targetPort"], "http");
}

#[test]
fn the_compose_file_sets_what_the_program_and_the_balancer_know() {
    let Some(all) = documents("compose.yaml") else { return };
    let services = all[0]["services"].as_object().expect("services");
    let balancer = std::fs::read_to_string(Path::new(ROOT).join("examples/replicas/haproxy.cfg"));
    let balancer = balancer.expect("it is there");
    let known = Home::new().run(&["config"]).out;

    for name in ["a", "b"] {
        let variables = services[name]["environment"].as_object().expect("variables");
        for variable in variables.keys().filter(|name| name.starts_with("MEMORANDA_")) {
            assert!(known.contains(variable.as_str()), "{variable}");
        }
        assert!(services[name]["depends_on"]["database"]["condition"] == "service_healthy");
    }
    for variable in services["balancer"]["environment"].as_object().expect("variables").keys() {
        assert!(balancer.contains(&format!("\"${{{variable}}}\"")), "{variable}");
    }
}
