//! `conflict_resolve`: somebody decides what holds. Links, statuses and the trail in one unit.
//! Decisions about a memory and a node of the strategy are in `conflict_with_node.rs`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Call, Done};
use super::conflict_open::is_live;
use super::conflict_view::ActorView;
use super::spec::{Cli, Effect, Method, Operation, Route, Spec, Toolset};
use super::strategy_node_update::StrategyNodeUpdate;
use super::supersede::{Tie, tie};
use super::view::known_id;
use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::{ConflictId, MemoryId, NodeId};
use crate::identity::event::Act;
use crate::identity::permit::{Exempt, Permit};
use crate::identity::role::{Role, Scope};
use crate::memory::conflict::record::GONE;
use crate::memory::conflict::{Conflict, ConflictStatus, Existing, Resolution};
use crate::memory::draft::Draft;
use crate::memory::fields::{MemoryType, Named, Provenance, Status};
use crate::memory::link::LinkType;
use crate::memory::memory::{Author, Memory};
use crate::memory::rights::{check_change, needs_consent};
use crate::store::WriteTx;
use crate::store::memories::set_status;

pub struct ConflictResolve;

/// Which, and how.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// cfl_…
    #[schemars(length(min = 1, max = 64))]
    id: String,
    /// KEEP_EXISTING and KEEP_NEW retire the other; MERGE retires both for `content`; DISMISS: no conflict
    resolution: Resolution,
    /// With MERGE: the statement that takes the place of both
    #[schemars(length(min = 1, max = 10_000))]
    content: Option<String>,
    /// With MERGE: its type; the newer one's if left out
    #[serde(rename = "type")]
    #[schemars(extend("x-rare" = true))]
    memory_type: Option<MemoryType>,
    /// Why, in a sentence
    #[schemars(length(min = 1, max = 1000))]
    rationale: Option<String>,
}

/// How it stands now.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    id: String,
    /// PENDING_APPROVAL: it waits for an editor
    status: ConflictStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution>,
    /// Where there was nothing to decide: `gone`, one of the two doesn't stand; `edited`, they agree now
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The ids of the memories that were retired
    retired: Vec<String>,
    /// The id of the node that was dropped
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<String>,
    /// The id of the merged memory
    #[serde(skip_serializing_if = "Option::is_none")]
    merged: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<ActorView>,
    /// False when it was so already
    changed: bool,
}

impl Operation for ConflictResolve {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "conflict_resolve",
        title: "Resolve a conflict",
        description: include_str!("../../tools/conflict_resolve.md"),
        scope: Scope::Write,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Change,
        is_idempotent: true,
        toolset: Toolset::Memory,
        is_listed: true,
        route: Route { method: Method::Post, path: "/conflicts/{id}/resolve", status: 200 },
        cli: Some(Cli { path: &["conflict", "resolve"], positional: Some("id") }),
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        if input.resolution != Resolution::Merge {
            let given =
                [("content", input.content.is_some()), ("type", input.memory_type.is_some())];
            if let Some((field, _)) = given.iter().find(|(_, is_given)| *is_given) {
                return Err(Error::invalid(field, "goes with the resolution MERGE alone"));
            }
        }
        let decision = Decision {
            id: known_id("conflict", &input.id)?,
            resolution: input.resolution,
            content: input.content,
            memory_type: input.memory_type,
            rationale: input.rationale,
            merged: call.next_id(),
            may_change_nodes: call
                .principal
                .permit(&StrategyNodeUpdate::SPEC.requirement())
                .is_ok(),
            at: call.at,
        };
        call.change_texts(move |tx, permit| decision.apply(tx, permit)).await
    }
}

/// What somebody decided, and what it needs that a unit doesn't make.
pub(super) struct Decision {
    id: ConflictId,
    pub(super) resolution: Resolution,
    content: Option<String>,
    memory_type: Option<MemoryType>,
    rationale: Option<String>,
    merged: MemoryId,
    /// Whether whoever decides could change the strategy by hand.
    pub(super) may_change_nodes: bool,
    pub(super) at: Timestamp,
}

/// What a decision did.
#[derive(Default)]
pub(super) struct Deed {
    pub(super) retired: Vec<MemoryId>,
    pub(super) dropped: Option<NodeId>,
    pub(super) merged: Option<MemoryId>,
}

impl Decision {
    fn apply(&self, tx: &mut dyn WriteTx, permit: &Permit) -> Result<Done<Output>> {
        let conflict = tx.conflict(permit, self.id)?.ok_or_else(|| Error::not_found("conflict"))?;
        if !conflict.status.waits() {
            return self.settled(conflict);
        }
        let existing = match conflict.existing {
            Existing::Memory(side) => tx.memory(permit, side.id)?,
            Existing::Node(side) => return self.apply_to_node(tx, permit, conflict, side.id),
        };
        let newer = tx.memory(permit, conflict.newer.id)?;
        let both = existing.filter(is_live).zip(newer.filter(is_live));
        let Some((existing, newer)) = both else {
            return self.close(tx, permit, conflict, GONE);
        };
        let content = self.content.clone().or_else(|| conflict.content.clone());
        if self.resolution == Resolution::Merge && content.is_none() {
            return Err(Error::invalid("content", "is required with MERGE"));
        }
        let retired: &[&Memory] = match self.resolution {
            Resolution::KeepExisting => &[&newer],
            Resolution::KeepNew => &[&existing],
            Resolution::Merge => &[&existing, &newer],
            Resolution::KeepBoth | Resolution::Dismiss => &[],
        };
        if self.waits_for_consent(permit, &conflict, [&existing, &newer], retired) {
            return self.ask(tx, permit, conflict, content);
        }
        let deed = match self.resolution {
            Resolution::KeepExisting => self.keep(tx, permit, &existing, &newer)?,
            Resolution::KeepNew => self.keep(tx, permit, &newer, &existing)?,
            Resolution::KeepBoth => {
                let link = Tie::new("resolution", LinkType::Contradicts, existing.id);
                tie(tx, permit, &newer, &[link], self.at)?;
                Deed::default()
            }
            Resolution::Merge => {
                self.merge(tx, permit, [&existing, &newer], content.unwrap_or_default())?
            }
            Resolution::Dismiss => Deed::default(),
        };
        self.put_decided(tx, permit, conflict, deed)
    }

    /// Puts down that there is nothing to decide any more.
    pub(super) fn close(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        conflict: Conflict,
        reason: &str,
    ) -> Result<Done<Output>> {
        let reason = Some(reason.to_owned());
        let next = Conflict { resolution: None, content: None, reason, ..conflict };
        self.put(tx, permit, next, ConflictStatus::Dismissed, Deed::default())
    }

    /// Puts down this decision, and what was done.
    pub(super) fn put_decided(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        conflict: Conflict,
        deed: Deed,
    ) -> Result<Done<Output>> {
        let is_dismissed = self.resolution == Resolution::Dismiss;
        let status =
            if is_dismissed { ConflictStatus::Dismissed } else { ConflictStatus::Resolved };
        self.put(tx, permit, self.decided(conflict), status, deed)
    }

    /// The answer where somebody was faster, or where it is asked for again.
    fn settled(&self, conflict: Conflict) -> Result<Done<Output>> {
        let is_dismissed = conflict.status == ConflictStatus::Dismissed;
        let is_so = conflict.resolution == Some(self.resolution)
            || (is_dismissed && self.resolution == Resolution::Dismiss);
        if is_so {
            return Ok(Done::Unchanged(output(&conflict, &Deed::default(), false)));
        }
        Err(Error::new(Code::Conflict, "this conflict was settled already")
            .with_fix("read it with conflicts_list; change the memories themselves if it was wrong")
            .with_detail("status", json!(conflict.status)))
    }

    /// Whether this bearer may not decide so alone.
    fn waits_for_consent(
        &self,
        permit: &Permit,
        conflict: &Conflict,
        both: [&Memory; 2],
        retired: &[&Memory],
    ) -> bool {
        let may_not = |memory: &&Memory| check_change(memory, permit).is_err();
        if both.iter().all(may_not) || retired.iter().any(may_not) {
            return true;
        }
        !self.is_consent(permit, conflict)
            && retired.iter().any(|memory| needs_consent(memory, permit))
    }

    /// Whether this is somebody's consent: another's to give, and to just what was asked for.
    pub(super) fn is_consent(&self, permit: &Permit, conflict: &Conflict) -> bool {
        let is_asked = conflict.status == ConflictStatus::PendingApproval
            && conflict.resolution == Some(self.resolution)
            && self.content.as_ref().is_none_or(|text| conflict.content.as_ref() == Some(text));
        let is_own = conflict.decided_by.as_ref() == Some(permit.actor());
        is_asked && !is_own && permit.role() >= Role::Editor
    }

    /// Keeps what was decided until an editor consents.
    pub(super) fn ask(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        conflict: Conflict,
        content: Option<String>,
    ) -> Result<Done<Output>> {
        let content = content.filter(|_| self.resolution == Resolution::Merge);
        let is_asked_again = conflict.status == ConflictStatus::PendingApproval
            && conflict.resolution == Some(self.resolution)
            && conflict.content == content;
        if is_asked_again {
            return Ok(Done::Unchanged(output(&conflict, &Deed::default(), false)));
        }
        let next = Conflict { decided_by: Some(permit.actor().clone()), ..self.decided(conflict) };
        let next = Conflict { content, ..next };
        self.put(tx, permit, next, ConflictStatus::PendingApproval, Deed::default())
    }

    /// The conflict with this decision, and without the text of one that waited.
    fn decided(&self, conflict: Conflict) -> Conflict {
        let rationale = self.rationale.clone().or_else(|| {
            let is_asked = conflict.resolution == Some(self.resolution);
            conflict.rationale.clone().filter(|_| is_asked)
        });
        Conflict { resolution: Some(self.resolution), rationale, content: None, ..conflict }
    }

    /// One of them takes the other's place.
    fn keep(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        kept: &Memory,
        retired: &Memory,
    ) -> Result<Deed> {
        let mut kept = kept.clone();
        if retired.status == Status::Active {
            kept = self.accepted(tx, permit, kept)?;
        }
        let made = tie(tx, permit, &kept, &[supersedes(retired.id)], self.at)?;
        Ok(Deed { retired: made.retired, ..Deed::default() })
    }

    /// The memory that is kept: to keep a proposal is to accept it.
    pub(super) fn accepted(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        kept: Memory,
    ) -> Result<Memory> {
        if kept.status != Status::Proposed {
            return Ok(kept);
        }
        let only = std::slice::from_ref(&kept);
        let accepted = set_status(tx, permit, only, Status::Active, "accepted", self.at)?;
        Ok(accepted.into_iter().next().unwrap_or(kept))
    }

    /// A new memory takes the place of both.
    fn merge(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        both: [&Memory; 2],
        content: String,
    ) -> Result<Deed> {
        let [existing, newer] = both;
        if existing.statement.visibility != newer.statement.visibility {
            let rule = "MERGE can't join what the team sees with what only you see";
            return Err(Error::invalid("resolution", rule).with_fix("keep one of them, or both"));
        }
        let draft = Draft {
            content: Some(content),
            memory_type: self.memory_type,
            provenance: Some(Provenance::Corrected),
            ..Draft::default()
        };
        let mut base = newer.statement.clone();
        base.has_own_title = false;
        (base.thread, base.position, base.speaker) = (None, None, None);
        let statement = draft.applied_to(&base, self.at)?;
        let author = Author::of(permit);
        let mut memory = Memory::new(self.merged, statement, author, self.at);
        let is_proposed = both.iter().all(|memory| memory.status == Status::Proposed);
        if is_proposed {
            memory.status = Status::Proposed;
        }
        tx.add_memory(permit, &memory, &memory.words())?;
        let ties = both.map(|memory| supersedes(memory.id));
        let made = tie(tx, permit, &memory, &ties, self.at)?;
        Ok(Deed { retired: made.retired, merged: Some(memory.id), ..Deed::default() })
    }

    /// Puts down how the conflict stands, and what was done.
    fn put(
        &self,
        tx: &mut dyn WriteTx,
        permit: &Permit,
        conflict: Conflict,
        status: ConflictStatus,
        deed: Deed,
    ) -> Result<Done<Output>> {
        let was = conflict.status;
        let next = Conflict {
            status,
            decided_by: Some(permit.actor().clone()),
            decided_at: Some(self.at),
            ..conflict
        };
        if !tx.settle_conflict(permit, &next, was)? {
            return Err(Error::new(Code::Conflict, "the conflict has changed just now")
                .with_fix("read it with conflicts_list and decide again"));
        }
        let retired: Vec<String> = deed.retired.iter().map(ToString::to_string).collect();
        let mut summary = json!({
            "status": next.status.as_str(),
            "resolution": next.resolution.map(Named::as_str),
            "retired": retired,
        });
        if let Some(node) = deed.dropped {
            summary["dropped"] = json!(node);
        }
        let act = Act { object_kind: "conflict", object_id: next.id.to_string(), summary };
        Ok(Done::Changed(output(&next, &deed, true), act))
    }
}

fn supersedes(retired: MemoryId) -> Tie {
    Tie::new("resolution", LinkType::Supersedes, retired)
}

fn output(conflict: &Conflict, deed: &Deed, changed: bool) -> Output {
    Output {
        id: conflict.id.to_string(),
        status: conflict.status,
        resolution: conflict.resolution,
        reason: conflict.reason.clone(),
        retired: deed.retired.iter().map(ToString::to_string).collect(),
        dropped: deed.dropped.map(|id| id.to_string()),
        merged: deed.merged.map(|id| id.to_string()),
        decided_by: conflict.decided_by.as_ref().map(ActorView::of),
        changed,
    }
}
