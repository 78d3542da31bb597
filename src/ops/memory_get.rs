//! `memory_get`: one memory by its id, with its versions where asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::view::{AuthorView, MemoryView, VersionView, known_id};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::MemoryId;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::draft::{End, moment};
use crate::memory::fields::Status;
use crate::memory::link::{Link, LinkType};
use crate::store::confirmations::Confirmation;

pub struct MemoryGet;

/// Which memory.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// mem_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// Also every version, newest first; then a forgotten memory answers too
    versions: Option<bool>,
    /// As it stood then, though it was forgotten since
    #[schemars(extend("x-rare" = true))]
    as_of: Option<String>,
}

/// The memory.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    memory: MemoryView,
    /// Newest first
    #[serde(skip_serializing_if = "Option::is_none")]
    versions: Option<Vec<VersionView>>,
    /// Who else said the same
    #[serde(skip_serializing_if = "Vec::is_empty")]
    confirmed_by: Vec<ConfirmationView>,
    /// What it is to others
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<LinkTo>,
    /// What others are to it
    #[serde(skip_serializing_if = "Vec::is_empty")]
    linked_from: Vec<LinkFrom>,
}

/// Somebody who said what the memory says.
#[derive(Serialize, JsonSchema)]
pub struct ConfirmationView {
    #[serde(flatten)]
    by: AuthorView,
    at: Timestamp,
}

/// A link from the memory.
#[derive(Serialize, JsonSchema)]
pub struct LinkTo {
    #[serde(rename = "type")]
    link_type: LinkType,
    to: String,
}

/// A link to the memory.
#[derive(Serialize, JsonSchema)]
pub struct LinkFrom {
    #[serde(rename = "type")]
    link_type: LinkType,
    from: String,
}

/// How many links are shown.
const MOST_LINKS: usize = 200;

impl Operation for MemoryGet {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "memory_get",
        title: "Read a memory",
        description: include_str!("../../tools/memory_get.md"),
        scope: Scope::Read,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Read,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: true,
        route: Route { method: Method::Get, path: "/memories/{id}", status: 200 },
        cli: Some(Cli { path: &["memory", "get"], positional: Some("id") }),
        resource: Some("memoranda://memory/{id}"),
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let id: MemoryId = known_id("memory", &input.id)?;
        let wants_versions = input.versions.unwrap_or(false);
        let as_of = input.as_of.map(|given| moment("as_of", &given, End::Last, call.at));
        let as_of = as_of.transpose()?;
        let (memory, versions, confirmed, linked) = call
            .read(move |tx, permit| {
                let memory = tx.memory(permit, id)?;
                let mut memory = memory.ok_or_else(|| Error::not_found("memory"))?;
                let mut versions = None;
                if wants_versions || as_of.is_some() {
                    versions = Some(tx.memory_versions(permit, id)?);
                }
                if let Some(moment) = as_of {
                    let then = memory.as_of(versions.as_deref().unwrap_or_default(), moment);
                    memory = then.ok_or_else(|| Error::not_found("memory"))?;
                } else if memory.status == Status::Forgotten && !wants_versions {
                    return Err(Error::not_found("memory"));
                }
                let versions = versions.filter(|_| wants_versions);
                let confirmed = match memory.confirmations {
                    0 => Vec::new(),
                    _ => tx.confirmations(permit, id)?,
                };
                Ok((memory, versions, confirmed, tx.links_of(permit, &[id], MOST_LINKS)?))
            })
            .await?;
        let (from_it, to_it): (Vec<Link>, Vec<Link>) =
            linked.into_iter().map(|linked| linked.link).partition(|link| link.from == id);
        Ok(Output {
            memory: memory.into(),
            versions: versions.map(|all| all.into_iter().map(VersionView::from).collect()),
            confirmed_by: confirmed.into_iter().map(ConfirmationView::from).collect(),
            links: from_it.iter().map(LinkTo::of).collect(),
            linked_from: to_it.iter().map(LinkFrom::of).collect(),
        })
    }
}

impl From<Confirmation> for ConfirmationView {
    fn from(confirmation: Confirmation) -> Self {
        Self { by: confirmation.by.into(), at: confirmation.at }
    }
}

impl LinkTo {
    fn of(link: &Link) -> Self {
        Self { link_type: link.link_type, to: link.to.parts().1 }
    }
}

impl LinkFrom {
    fn of(link: &Link) -> Self {
        Self { link_type: link.link_type, from: link.from.to_string() }
    }
}
