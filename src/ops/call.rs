//! The one way to run an operation.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use serde_json::{Value, json};
use tracing::Instrument;

use super::composer::Composer;
use super::decode;
use super::names::Named;
use super::spec::{Effect, Entry};
use crate::core::clock::{Clock, Timestamp};
use crate::core::error::{Code, Error, Result};
use crate::core::id::{Id, Ids, Kind, RequestId};
use crate::identity::event::{Act, Event, Outcome};
use crate::identity::guard::{Finding, Guard};
use crate::identity::hash::Hasher;
use crate::identity::permit::Permit;
use crate::identity::principal::Principal;
use crate::recall::{Recaller, USUAL_BYTES};
use crate::store::{ReadTx, Store, Traces, WriteTx};

/// What every operation stands on.
pub struct App {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<Ids>,
    pub hasher: Hasher,
    pub guard: Guard,
    /// What writes prose from evidence; set at the start where one is configured.
    pub composer: OnceLock<Arc<dyn Composer>>,
    /// Set at the start where meanings are known by a model; else words find.
    pub recaller: OnceLock<Arc<Recaller>>,
}

impl App {
    /// A new request's id.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        self.ids.next(self.clock.now())
    }

    /// Where memories are found, and vectors made.
    #[must_use]
    pub fn recaller(&self) -> &Arc<Recaller> {
        self.recaller.get_or_init(|| Arc::new(Recaller::new(None, USUAL_BYTES)))
    }
}

/// One running operation: who asked, with which permission, and the way to the store.
pub struct Call<'a> {
    app: &'a App,
    pub principal: &'a Principal,
    pub permit: Permit,
    pub request: RequestId,
    /// When it began: the time of all that it writes.
    pub at: Timestamp,
}

/// What a writing unit did.
pub enum Done<T> {
    /// Something changed, and the trail says what.
    Changed(T, Act),
    /// Nothing changed: it was so already.
    Unchanged(T),
}

impl Call<'_> {
    /// A new id.
    #[must_use]
    pub fn next_id<K: Kind>(&self) -> Id<K> {
        self.app.ids.next(self.at)
    }

    /// Where secrets are hashed.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        &self.app.hasher
    }

    /// What writes prose from evidence, where one is configured.
    #[must_use]
    pub fn composer(&self) -> Option<&dyn Composer> {
        self.app.composer.get().map(|composer| &**composer)
    }

    /// Where memories are found, and vectors made.
    #[must_use]
    pub fn recaller(&self) -> &Arc<Recaller> {
        self.app.recaller()
    }

    /// Runs a reading unit.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn ReadTx, &Permit) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.permit.clone();
        self.app.store.read(&self.permit, self.at, move |tx| work(tx, &permit)).await
    }

    /// Runs a unit that reads a few rows by their keys.
    ///
    /// # Errors
    /// As [`Store::look_up`].
    pub async fn look_up<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn ReadTx, &Permit) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.permit.clone();
        self.app.store.look_up(&self.permit, self.at, move |tx| work(tx, &permit)).await
    }

    /// Rids the database's files of what was erased, as far as that is the engine's to do.
    ///
    /// # Errors
    /// As [`Store::scrub`].
    pub async fn scrub(&self) -> Result<Traces> {
        self.app.store.scrub().await
    }

    /// As [`Call::change`], where texts may come to be held that have no vectors yet: they are made
    /// soon after.
    ///
    /// # Errors
    /// As [`Call::change`].
    pub async fn change_texts<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn WriteTx, &Permit) -> Result<Done<T>> + Send + 'static,
    ) -> Result<T> {
        let outcome = self.change(work).await;
        if outcome.is_ok() {
            self.recaller().has_work(self.permit.team());
        }
        outcome
    }

    /// Runs the one writing unit of the operation; its activity event is written in the same unit.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn change<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn WriteTx, &Permit) -> Result<Done<T>> + Send + 'static,
    ) -> Result<T> {
        let permit = self.permit.clone();
        let (event_id, at, request) = (self.next_id(), self.at, self.request);
        // Not the time it began: hashing or waiting may lie between, and a key may have expired.
        let now = self.app.clock.now();
        self.app
            .store
            .write(&self.permit, now, move |tx| match work(tx, &permit)? {
                Done::Unchanged(value) => Ok(value),
                Done::Changed(value, act) => {
                    let event = Event { id: event_id, at, request, outcome: Outcome::Done, act };
                    tx.record(&permit, &event)?;
                    Ok(value)
                }
            })
            .await
    }
}

/// Runs an operation: guard, permit, decode, handler, encode.
///
/// # Errors
/// Every code of the table; the caller maps it to its surface.
pub async fn call(
    app: &App,
    principal: &Principal,
    entry: &Entry,
    arguments: Value,
    request: RequestId,
) -> Result<Value> {
    logged(principal, entry, request, run(app, principal, entry, arguments, request)).await
}

/// As [`call()`], for what a caller named and spelt in its own way.
///
/// # Errors
/// As [`call()`]; fields are named as the caller spelt them.
pub async fn call_named(
    app: &App,
    principal: &Principal,
    named: &Named,
    arguments: Value,
    request: RequestId,
) -> Result<Value> {
    let outcome = run_as(app, principal, named.entry, Some(named), arguments, request);
    logged(principal, named.entry, request, outcome).await
}

async fn logged(
    principal: &Principal,
    entry: &Entry,
    request: RequestId,
    outcome: impl Future<Output = Result<Value>>,
) -> Result<Value> {
    let operation = entry.spec.name;
    let span = tracing::info_span!("op", op.name = operation, %request, %principal.credential);
    let begun = Instant::now();
    let outcome = outcome.instrument(span.clone()).await;
    let _entered = span.enter();
    let duration_ms = begun.elapsed().as_secs_f64() * 1000.0;
    match &outcome {
        Ok(_) => tracing::info!(duration_ms, "done"),
        Err(error) => log(error, duration_ms),
    }
    outcome
}

/// As [`call()`], without a line in the log.
pub(super) async fn run(
    app: &App,
    principal: &Principal,
    entry: &Entry,
    arguments: Value,
    request: RequestId,
) -> Result<Value> {
    run_as(app, principal, entry, None, arguments, request).await
}

async fn run_as(
    app: &App,
    principal: &Principal,
    entry: &Entry,
    named: Option<&Named>,
    mut arguments: Value,
    request: RequestId,
) -> Result<Value> {
    let at = app.clock.now();
    if arguments.is_null() {
        arguments = json!({});
    }
    let guarded = app.guard.check(&mut arguments, principal.secrets);
    let permit = principal.permit(&entry.spec.requirement());
    if let Err(finding) = guarded {
        // Refused before the permit is asked for; written down only for a caller who has one.
        if let Ok(permit) = permit {
            record_refusal(app, &permit, &finding, request, at).await?;
        }
        return Err(secret_argument(&finding));
    }
    let permit = permit?;
    let own = principal.actor.agent.as_ref().map(|agent| agent.slug.as_str());
    let spelt = named.map(|named| named.read(&mut arguments, own)).transpose()?.unwrap_or_default();
    decode::check(entry.input(), &mut arguments).map_err(|error| spelt.back(error))?;
    let call = Call { app, principal, permit: permit.clone(), request, at };
    let answer = (entry.run)(&call, arguments).await;
    if entry.spec.effect == Effect::Read {
        // What was read must not leave if the credential was struck while it was being read.
        app.store.check(&permit, app.clock.now()).await?;
    }
    answer.map_err(|error| spelt.back(error))
}

async fn record_refusal(
    app: &App,
    permit: &Permit,
    finding: &Finding,
    request: RequestId,
    at: Timestamp,
) -> Result<()> {
    let act = Act {
        object_kind: "argument",
        object_id: finding.path.clone(),
        summary: json!({ "kind": finding.kind }),
    };
    let outcome = Outcome::Refused(Code::SecretArgument);
    let event = Event { id: app.ids.next(at), at, request, outcome, act };
    let bearer = permit.clone();
    app.store.write(permit, at, move |tx| tx.record(&bearer, &event)).await
}

fn secret_argument(finding: &Finding) -> Error {
    Error::new(
        Code::SecretArgument,
        format!(
            "`{}` looks like a secret ({}); secrets never travel as arguments",
            finding.path, finding.kind
        ),
    )
    .with_fix("leave it out; keep secrets in the environment and remember where they are instead")
    .with_detail("path", json!(finding.path))
    .with_detail("kind", json!(finding.kind))
}

/// Logs a failure once, here at the boundary: what the caller did wrong quietly, our own faults loudly.
fn log(error: &Error, duration_ms: f64) {
    let code = error.code().as_str();
    match error.code() {
        Code::Internal => tracing::error!(code, duration_ms, cause = ?error.cause(), "failed"),
        Code::Unavailable => tracing::warn!(code, duration_ms, cause = ?error.cause(), "failed"),
        _ => tracing::info!(code, duration_ms, "refused"),
    }
}
