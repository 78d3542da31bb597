//! What an operation says of itself, and how it is put into the catalogue.

use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::{decode, schema};
use crate::core::error::{Error, Result};
use crate::identity::permit::{Exempt, Requirement};
use crate::identity::role::{Role, Scope};
use crate::store::Pending;

/// What an operation does to what is there; the MCP hints follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Adds and takes nothing away.
    Add,
    /// Changes what is there, reversibly.
    Change,
    /// Takes away, for good.
    Destroy,
}

/// Which group of tools it belongs to; clients choose groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Toolset {
    Identity,
    Memory,
    Work,
    Admin,
}

impl Toolset {
    /// Every toolset.
    pub const ALL: [Toolset; 4] =
        [Toolset::Identity, Toolset::Memory, Toolset::Work, Toolset::Admin];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Toolset::Identity => "identity",
            Toolset::Memory => "memory",
            Toolset::Work => "work",
            Toolset::Admin => "admin",
        }
    }
}

/// An HTTP method that a route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// Upper case, as HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// Where REST answers it.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    pub method: Method,
    /// Below `/v1`, with `{field}` where a field stands in the path.
    pub path: &'static str,
    /// The status of a success.
    pub status: u16,
}

/// How the command line calls it.
#[derive(Debug, Clone, Copy)]
pub struct Cli {
    /// The words of the command: `["key", "create"]`.
    pub path: &'static [&'static str],
    /// The field that may stand without its flag.
    pub positional: Option<&'static str>,
}

/// Everything that is said of an operation, once.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    pub name: &'static str,
    pub title: &'static str,
    /// The words a model reads: `tools/<name>.md`.
    pub description: &'static str,
    pub scope: Scope,
    pub least_role: Role,
    pub exempt: Exempt,
    pub effect: Effect,
    /// Whether a second call with the same arguments changes nothing more.
    pub is_idempotent: bool,
    pub toolset: Toolset,
    /// Whether `tools/list` shows it; what it doesn't show still answers when called.
    pub is_listed: bool,
    pub route: Route,
    pub cli: Option<Cli>,
    /// The URI under which MCP also shows its answer as a resource, with `{field}` where an argument
    /// stands in it; it is called with no others.
    pub resource: Option<&'static str>,
    /// Old or foreign names that still work.
    pub aliases: &'static [&'static str],
}

impl Spec {
    /// What it asks of its caller.
    #[must_use]
    pub const fn requirement(&self) -> Requirement {
        Requirement {
            operation: self.name,
            scope: self.scope,
            least_role: self.least_role,
            exempt: self.exempt,
        }
    }
}

/// An operation: what it says of itself, what goes in and comes out, and what it does.
pub trait Operation: 'static {
    /// The arguments. Shape and limits are its JSON schema, which is checked before it is decoded.
    type Input: DeserializeOwned + JsonSchema + Send;
    /// The answer.
    type Output: Serialize + JsonSchema;
    /// What it says of itself.
    const SPEC: Spec;

    /// Runs it. There is one caller, [`super::call::call`], which has checked everything before.
    fn run(
        call: &Call<'_>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// An operation as the catalogue holds it.
pub struct Entry {
    pub spec: Spec,
    input: Schema,
    output: Schema,
    pub(super) run: for<'a> fn(&'a Call<'a>, Value) -> Pending<'a, Result<Value>>,
}

struct Schema {
    make: fn() -> Value,
    made: OnceLock<Value>,
}

impl Entry {
    /// An operation's entry.
    #[must_use]
    pub const fn of<O: Operation>() -> Self {
        Self {
            spec: O::SPEC,
            input: Schema { make: schema::input::<O::Input>, made: OnceLock::new() },
            output: Schema { make: schema::output::<O::Output>, made: OnceLock::new() },
            run: |call, arguments| Box::pin(run::<O>(call, arguments)),
        }
    }

    /// The JSON schema of its arguments: what is checked.
    pub fn input(&self) -> &Value {
        self.input.made.get_or_init(self.input.make)
    }

    /// The JSON schema of its answer.
    pub fn output(&self) -> &Value {
        self.output.made.get_or_init(self.output.make)
    }
}

async fn run<O: Operation>(call: &Call<'_>, arguments: Value) -> Result<Value> {
    let input = decode::into_input::<O::Input>(arguments)?;
    let output = O::run(call, input).await?;
    serde_json::to_value(output).map_err(Error::internal)
}
