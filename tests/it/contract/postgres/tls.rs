//! TLS to the database: a real handshake, with a server that takes nothing else.
//!
//! The tests' PostgreSQL may be built without TLS, so it is spoken in front of it, as PostgreSQL does:
//! the client asks, one byte says yes or no, and the handshake begins on the same connection.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use memoranda::core::error::Code;
use memoranda::store::Store;
use memoranda::store::postgres::Postgres;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_rustls::TlsAcceptor;

use crate::cluster::{Database, cluster};
use crate::contract::team::{Team, draft};

/// Makes a root, and with it a certificate for `localhost`.
const MAKE: &str = r#"
set -e
cd "$0"
new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $new -keyout root.key -out root.pem -days 2 -subj "/CN=A root"
openssl req $new -keyout server.key -out server.csr -subj "/CN=localhost"
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' >more
openssl x509 -req -in server.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2 -out server.pem -extfile more
"#;

/// What a client sends that wants TLS: a length, and a number that is no version.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Makes certificates in a folder; gives the root's path. `None` where there is no OpenSSL and none is
/// demanded.
fn made(folder: &Path) -> Option<PathBuf> {
    let there = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
    if there.is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI has OpenSSL: see .ci/tools.sh");
        let said = "\n*** no openssl: TLS to the database is NOT RUN ***\n";
        let _ = writeln!(std::io::stderr(), "{said}");
        return None;
    }
    let made = Command::new("sh").args(["-c", MAKE]).arg(folder).output().expect("a shell");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(folder.join("root.pem"))
}

/// Speaks TLS with the certificate of a folder, and nothing else, in front of a socket; without a
/// folder it takes what isn't encrypted. Gives its port.
async fn before(socket: PathBuf, folder: Option<&Path>) -> u16 {
    let acceptor = folder.map(|folder| {
        let certificate = CertificateDer::from_pem_file(folder.join("server.pem"));
        let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("they are known")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.expect("a certificate")], key);
        TlsAcceptor::from(Arc::new(config.expect("they belong together")))
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            // Whoever breaks off has what it wanted.
            tokio::spawn(pass_on(client, acceptor.clone(), socket.clone()));
        }
    });
    port
}

async fn pass_on(
    mut client: TcpStream,
    acceptor: Option<TlsAcceptor>,
    socket: PathBuf,
) -> std::io::Result<()> {
    let mut first = [0; 8];
    client.read_exact(&mut first).await?;
    let mut server = UnixStream::connect(socket).await?;
    match (acceptor, first == SSL_REQUEST) {
        (Some(acceptor), true) => {
            client.write_all(b"S").await?;
            let mut client = acceptor.accept(client).await?;
            copy_bidirectional(&mut client, &mut server).await?;
        }
        (Some(_), false) => {}
        (None, true) => {
            client.write_all(b"N").await?;
            copy_bidirectional(&mut client, &mut server).await?;
        }
        (None, false) => {
            server.write_all(&first).await?;
            copy_bidirectional(&mut client, &mut server).await?;
        }
    }
    Ok(())
}

/// Whether a database opens, away from the tasks that answer it.
async fn opened(url: String) -> Result<Postgres, Code> {
    let opening = move || Postgres::open(&url, None).map_err(|error| error.code());
    tokio::task::spawn_blocking(opening).await.expect("no panic")
}

fn with(mode: &str, root: &Path) -> String {
    format!("sslmode={mode}&sslrootcert={}", root.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_believed_as_far_as_the_mode_asks() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let (Some(cluster), Some(database)) = (cluster(), Database::new()) else { return };
    let (Some(root), Some(other)) = (made(folders[0].path()), made(folders[1].path())) else {
        return;
    };
    let port = before(cluster.socket(), Some(folders[0].path())).await;
    let name = database.name();
    let url = |host: &str, more: &str| format!("postgres://memoranda@{host}:{port}/{name}?{more}");

    for (host, more, is_believed) in [
        ("localhost", with("verify-full", &root), true),
        ("127.0.0.1", with("verify-full", &root), false),
        ("localhost", with("verify-full", &other), false),
        // The platform's roots don't know ours.
        ("localhost", "sslmode=verify-full".to_owned(), false),
        ("127.0.0.1", with("verify-ca", &root), true),
        ("localhost", with("verify-ca", &other), false),
        ("127.0.0.1", with("require", &root), true),
        ("127.0.0.1", with("require", &other), false),
        ("127.0.0.1", "sslmode=require".to_owned(), true),
        ("127.0.0.1", "sslmode=prefer".to_owned(), true),
        ("127.0.0.1", "sslmode=disable".to_owned(), false),
    ] {
        let is_open = opened(url(host, &more)).await.is_ok();

        assert_eq!(is_open, is_believed, "{host} {}", more.split('&').next().unwrap_or_default());
    }
    let full = opened(url("localhost", &with("verify-full", &root))).await;
    let ada = Team::new(&Store::new(full.expect("opens")), "north").await.agent("ada").await;
    ada.remember(draft("apple")).await;
    assert_eq!(ada.count().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_asks_for_tls_gets_it_or_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (Some(cluster), Some(database)) = (cluster(), Database::new()) else { return };
    let Some(root) = made(folder.path()) else { return };
    let port = before(cluster.socket(), None).await;
    let name = database.name();
    let url = |more: &str| format!("postgres://memoranda@localhost:{port}/{name}?{more}");

    let required = opened(url("sslmode=require")).await.err();
    let verified = opened(url(&with("verify-full", &root))).await.err();

    assert_eq!((required, verified), (Some(Code::Unavailable), Some(Code::Unavailable)));
    assert!(opened(url("sslmode=prefer")).await.is_ok());
    assert!(opened(url("sslmode=disable")).await.is_ok());
}
