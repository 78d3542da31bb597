//! `activity_verify`: walks the team's whole chain of events and says whether it holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Error, Result};
use crate::identity::chain::{Break, ChainHash, Link, Sealed, Walk};
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};

pub struct ActivityVerify;

/// A head that was noted down before, if there is one.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// The sequence of a head that you noted down before
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    expect_sequence: Option<i64>,
    /// The hash of that head
    #[schemars(length(min = 64, max = 64))]
    expect_hash: Option<String>,
}

/// What the walk found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// Whether nothing was altered, removed or inserted
    pub is_intact: bool,
    /// How many events hold, from the first on
    pub events: i64,
    /// Where it breaks first; absent when intact
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_break: Option<BreakView>,
    /// The last event that holds: note it down elsewhere, and expect it next time
    pub head: HeadView,
}

/// Where a chain breaks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BreakView {
    /// The event that should stand there
    pub sequence: i64,
    /// missing: it is not there; altered: it or the one before is not what was sealed; unexpected:
    /// the chain holds by itself, and isn't the one whose head was noted down
    pub reason: Reason,
}

/// How a chain breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Reason {
    Missing,
    Altered,
    Unexpected,
}

impl From<Break> for Reason {
    fn from(how: Break) -> Self {
        match how {
            Break::Missing => Reason::Missing,
            Break::Altered => Reason::Altered,
        }
    }
}

/// The end of a chain.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HeadView {
    /// 0 when there is no event
    pub sequence: i64,
    pub hash: ChainHash,
}

/// How many events are held in memory at a time.
const PAGE: usize = 1000;

impl Operation for ActivityVerify {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "activity_verify",
        title: "Verify the activity trail",
        description: include_str!("../../tools/activity_verify.md"),
        scope: Scope::Admin,
        least_role: Role::Admin,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Get, path: "/activity/verify", status: 200 },
        // `cli/activity.rs`: it also checks an export, where there is no database.
        cli: None,
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let mut check = Check::new(expectation(input.expect_sequence, input.expect_hash)?);
        // What is written during the walk is left to the next one, or it might never end.
        let end = call.look_up(|tx, permit| tx.head(permit)).await?.sequence;
        while check.walk.sequence < end {
            let beyond = check.walk.sequence;
            let page = call.read(move |tx, permit| tx.chain(permit, beyond, PAGE)).await?;
            let is_last = page.len() < PAGE;
            let is_broken = page.iter().any(|(event, hash)| check.pass(event, *hash).is_err());
            if is_broken || is_last {
                break;
            }
        }
        Ok(check.finish())
    }
}

/// Reads a head that a caller noted down.
///
/// # Errors
/// `INVALID_ARGUMENT` naming what is missing or malformed.
pub fn expectation(sequence: Option<i64>, hash: Option<String>) -> Result<Option<Walk>> {
    match (sequence, hash) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(Error::invalid("expect_hash", "must stand beside its sequence")),
        (None, Some(_)) => Err(Error::invalid("expect_sequence", "must stand beside its hash")),
        (Some(sequence), Some(hash)) => {
            let head = hash.parse().map_err(|_| {
                Error::invalid("expect_hash", "must be 64 hexadecimal digits, as `head.hash` is")
            })?;
            Ok(Some(Walk { sequence, head }))
        }
    }
}

/// A walk along a chain that ends at its first break. In constant memory.
pub struct Check {
    pub walk: Walk,
    begun: i64,
    expected: Option<Walk>,
    broken: Option<BreakView>,
}

impl Check {
    /// From the beginning of a chain.
    #[must_use]
    pub fn new(expected: Option<Walk>) -> Self {
        Self::beyond(Walk::BEGINNING, expected)
    }

    /// From the event after another.
    #[must_use]
    pub fn beyond(walk: Walk, expected: Option<Walk>) -> Self {
        let mut check = Self { begun: walk.sequence, walk, expected, broken: None };
        let _ = check.compare();
        check
    }

    /// Passes the next event.
    ///
    /// # Errors
    /// When it, or one before it, didn't fit.
    pub fn pass(&mut self, event: &Sealed, hash: ChainHash) -> Result<(), Reason> {
        if let Some(broken) = &self.broken {
            return Err(broken.reason);
        }
        let sequence = self.walk.sequence.saturating_add(1);
        if let Err(how) = self.walk.pass(event, hash) {
            return Err(self.stop(sequence, how.into()));
        }
        self.compare()
    }

    /// As [`Check::pass`], for an event that also says what it follows.
    ///
    /// # Errors
    /// As [`Check::pass`].
    pub fn pass_link(&mut self, link: &Link) -> Result<(), Reason> {
        let sequence = self.walk.sequence.saturating_add(1);
        // The next one in number, and of another chain: then its own hash may well fit it.
        if link.event.sequence == sequence && link.previous != self.walk.head {
            return Err(self.stop(sequence, Reason::Altered));
        }
        self.pass(&link.event, link.hash)
    }

    /// What was found, once all events were passed.
    #[must_use]
    pub fn finish(mut self) -> Output {
        let missing = self.expected.filter(|expected| expected.sequence > self.walk.sequence);
        if self.broken.is_none() && missing.is_some() {
            self.stop(self.walk.sequence + 1, Reason::Missing);
        }
        Output {
            is_intact: self.broken.is_none(),
            events: self.walk.sequence - self.begun,
            first_break: self.broken,
            head: HeadView { sequence: self.walk.sequence, hash: self.walk.head },
        }
    }

    /// Compares where the walk is with the head that is expected there.
    fn compare(&mut self) -> Result<(), Reason> {
        let here = self.walk;
        let is_other =
            |expected: &Walk| expected.sequence == here.sequence && expected.head != here.head;
        match self.expected.filter(is_other) {
            Some(_) => Err(self.stop(here.sequence, Reason::Unexpected)),
            None => Ok(()),
        }
    }

    fn stop(&mut self, sequence: i64, reason: Reason) -> Reason {
        self.broken = Some(BreakView { sequence, reason });
        reason
    }
}
