//! Where the database is: the URL, and how a connection to it is made.
//!
//! The URL is libpq's (`postgres://user:password@host:port/database?…`), with the meaning that libpq
//! gives `sslmode` and `sslrootcert`. Two parameters are ours: `connections`, how many at most, and
//! `partitions`, for the first migration.

use std::future::poll_fn;
use std::path::PathBuf;
use std::str::FromStr;
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Notification};

use super::failure::Cause;
use super::tls::{self, Tls, Trust};
use crate::core::error::{Code, Error, Result};
use crate::core::secret::Secret;

/// Connections to the database at most, unless the URL says otherwise.
const CONNECTIONS: usize = 16;

pub(super) type Moving =
    std::pin::Pin<Box<dyn Future<Output = std::result::Result<(), tokio_postgres::Error>> + Send>>;

/// A database and how it is spoken to.
pub(super) struct Address {
    config: Config,
    tls: Option<Tls>,
    /// How many connections at most.
    pub(super) connections: usize,
    /// Into how many parts a new database's tables are divided by team; `None` is not at all.
    pub(super) partitions: Option<u32>,
}

impl Address {
    /// Reads a URL. A password beside it counts where the URL has none.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming `database`, never what the URL holds.
    pub(super) fn parse(url: &str, password: Option<&Secret>) -> Result<Self> {
        let (mut connections, mut partitions) = (CONNECTIONS, None);
        let (mut mode, mut root) = ("prefer".to_owned(), None::<PathBuf>);
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut rest: Vec<&str> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "connections" => connections = within(name, value, 2, 1000)? as usize,
                "partitions" => partitions = Some(within(name, value, 2, 1024)?),
                "sslmode" => value.clone_into(&mut mode),
                "sslrootcert" => root = Some(PathBuf::from(decoded(value)?)),
                _ => rest.push(pair),
            }
        }
        let plain = [base, &rest.join("&")].join("?");
        let mut config = Config::from_str(plain.trim_end_matches('?')).map_err(|_| {
            wrong("must be a URL such as postgres://user@host/database?sslmode=verify-full")
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("must name a host"));
        }
        if config.get_user().is_none() {
            return Err(wrong("must name a user, such as postgres://user@host/database"));
        }
        if config.get_password().is_none()
            && let Some(password) = password
        {
            config.password(password.expose());
        }
        if config.get_application_name().is_none() {
            config.application_name("memoranda");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        // A standby would refuse the first write; after a fail-over the new primary is looked for.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.tcp_user_timeout(Duration::from_secs(20));
        config.keepalives_idle(Duration::from_secs(30));
        let is_socket = |host: &Host| !matches!(host, Host::Tcp(_));
        if config.get_hosts().iter().any(is_socket) {
            // Nobody can listen on a socket; whoever asks for TLS there means another host.
            match mode.as_str() {
                "prefer" => "disable".clone_into(&mut mode),
                "disable" => {}
                _ => return Err(wrong("asks for TLS on a Unix socket, which has none")),
            }
        }
        let tls = match (mode.as_str(), &root) {
            ("disable", _) => None,
            // As libpq: encrypted (`prefer`: where the server can), whoever it is.
            ("prefer" | "require", None) => Some(tls::config(Trust::Anyone)?),
            // As libpq: a root makes `require` check the certificate, as `verify-ca` does.
            ("require" | "verify-ca", Some(root)) => Some(tls::config(Trust::Signed(root))?),
            ("verify-full", Some(root)) => Some(tls::config(Trust::SignedAndNamed(root))?),
            ("verify-full", None) => Some(tls::config(Trust::Platform)?),
            ("prefer" | "verify-ca", _) => {
                return Err(wrong("`sslrootcert` goes with sslmode verify-ca or verify-full"));
            }
            _ => {
                return Err(wrong(
                    "`sslmode` must be disable, prefer, require, verify-ca or verify-full",
                ));
            }
        };
        config.ssl_mode(match mode.as_str() {
            "disable" => SslMode::Disable,
            "prefer" => SslMode::Prefer,
            _ => SslMode::Require,
        });
        Ok(Self { config, tls, connections, partitions })
    }

    /// Host and database, for people: no user, no password.
    pub(super) fn shown(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => {
                self.config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default()
            }
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let name = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        format!("postgres://{host}:{port}/{name}")
    }

    /// Connects; the second part moves the connection while it is polled.
    ///
    /// # Errors
    /// `UNAVAILABLE`; as [`explained`] where waiting wouldn't help.
    pub(super) async fn connect(&self) -> Result<(Client, Moving)> {
        self.connect_and_hear(|_| {}).await
    }

    /// As [`Address::connect`], handing on what is notified while the connection moves.
    ///
    /// # Errors
    /// As [`Address::connect`].
    pub(super) async fn connect_and_hear(
        &self,
        hear: impl FnMut(&Notification) + Send + 'static,
    ) -> Result<(Client, Moving)> {
        match &self.tls {
            None => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(explained)?;
                Ok((client, moving(connection, hear)))
            }
            Some(tls) => {
                let connecting = self.config.connect(tls.clone());
                let (client, connection) = connecting.await.map_err(explained)?;
                Ok((client, moving(connection, hear)))
            }
        }
    }
}

/// Moves a connection to its end.
fn moving<S, T>(
    mut connection: Connection<S, T>,
    mut hear: impl FnMut(&Notification) + Send + 'static,
) -> Moving
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    Box::pin(poll_fn(move |context| {
        loop {
            match ready!(connection.poll_message(context)) {
                Some(Ok(AsyncMessage::Notification(notice))) => hear(&notice),
                // Notices of the server are for people at a terminal, and may quote what is stored.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => return Poll::Ready(Ok(())),
            }
        }
    }))
}

/// What a failed connection says to whoever started the program.
fn explained(error: tokio_postgres::Error) -> Error {
    let cause = Cause::of(&error);
    let said = match error.code().map(SqlState::code) {
        Some(code) if code.starts_with("28") => Error::new(
            Code::PermissionDenied,
            "the database doesn't let this user in with what was given",
        )
        .with_fix("check user and password of the database's URL"),
        Some("3D000") => Error::new(Code::NotFound, "the server has no database of this name")
            .with_fix("make it first (createdb), or correct the database's URL"),
        _ => return Error::unavailable(cause),
    };
    said.with_cause(cause)
}

fn wrong(rule: &'static str) -> Error {
    Error::invalid("database", rule)
}

fn within(name: &str, value: &str, least: u32, most: u32) -> Result<u32> {
    value.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        Error::invalid("database", format!("`{name}` must be a number from {least} to {most}"))
    })
}

/// A value of a query string with its `%xx` undone.
fn decoded(value: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err(wrong("has a `%` that isn't followed by two digits"));
        };
        bytes.extend(u8::try_from(high * 16 + low));
    }
    String::from_utf8(bytes).map_err(|_| wrong("must be UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        Address::parse(url, None).err().expect("refused").message().to_owned()
    }

    #[test]
    fn what_is_shown_holds_neither_user_nor_password() {
        let url = "postgres://ada:hunter2@db.example:6432/team?sslmode=disable&connections=4";

        let address = Address::parse(url, None).expect("valid");

        assert_eq!(address.shown(), "postgres://db.example:6432/team");
        assert_eq!(address.connections, 4);
    }

    #[test]
    fn a_refusal_repeats_nothing_of_the_url() {
        for url in [
            "postgres://ada:hunter2@db.example:notaport/team",
            "postgres://ada:hunter2@db.example/team?sslmode=hunter2",
            "postgres://ada:hunter2@db.example/team?connections=hunter2",
            "postgres://ada:hunter2@db.example/team?hunter2=1",
            "postgres://ada:hunter2@db.example/team?sslmode=verify-ca",
            "postgres:///team",
        ] {
            let message = refusal(url);

            assert!(message.starts_with("`database`") && !message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn a_password_beside_the_url_counts_where_the_url_has_none() {
        let beside = Secret::new("beside".to_owned());
        let with = Address::parse("postgres://ada:within@h/t", Some(&beside)).expect("valid");
        let without = Address::parse("postgres://ada@h/t", Some(&beside)).expect("valid");

        assert_eq!(with.config.get_password(), Some(&b"within"[..]));
        assert_eq!(without.config.get_password(), Some(&b"beside"[..]));
    }

    #[test]
    fn every_mode_but_disable_and_prefer_asks_for_tls_or_nothing() {
        for (mode, is_required) in
            [("disable", false), ("prefer", false), ("require", true), ("verify-full", true)]
        {
            let url = format!("postgres://ada@h/t?sslmode={mode}");
            let address = Address::parse(&url, None).expect("valid");

            assert_eq!(address.config.get_ssl_mode() == SslMode::Require, is_required, "{mode}");
            assert_eq!(address.tls.is_some(), mode != "disable", "{mode}");
        }
    }
}
