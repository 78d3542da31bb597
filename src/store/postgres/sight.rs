//! Who sees a memory: the conditions that every query of memories has.

use super::columns::Column;
use crate::core::id::{AgentId, MemberId, TeamId};
use crate::identity::permit::Permit;
use crate::identity::role::Role;

/// Team, and visibility: a private memory is its author's alone, and what the team hasn't accepted is
/// its author's and the editors'.
pub(super) const SEEN: &str = "m.team_id = :team AND (
        (m.visibility = 'team' AND (m.is_accepted OR :is_editor))
        OR m.agent_id = :me OR (m.agent_id IS NULL AND :me IS NULL AND m.member_id = :member))";

/// The same for a version of a memory that is seen itself.
pub(super) const VERSION_SEEN: &str = "m.team_id = :team AND (
        (m.visibility = 'team' AND (m.status <> 'proposed' OR :is_editor))
        OR m.agent_id = :me OR (m.agent_id IS NULL AND :me IS NULL AND m.member_id = :member))";

/// Whose eyes a statement looks through.
pub(super) struct Eyes {
    pub(super) team: TeamId,
    pub(super) me: Option<AgentId>,
    pub(super) member: Option<MemberId>,
    pub(super) is_editor: bool,
}

impl Eyes {
    pub(super) fn of(permit: &Permit) -> Self {
        let actor = permit.actor();
        Self {
            team: permit.team(),
            me: actor.agent.as_ref().map(|agent| agent.id),
            member: actor.member,
            is_editor: permit.role() >= Role::Editor,
        }
    }

    pub(super) fn params(&self) -> [(&'static str, &dyn Column); 4] {
        [
            ("team", &self.team),
            ("me", &self.me),
            ("member", &self.member),
            ("is_editor", &self.is_editor),
        ]
    }
}
