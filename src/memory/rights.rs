//! Who may write what: editors and above for the team, viewers by proposing it.
//!
//! What a viewer writes for the team is proposed until an editor accepts it. What it writes for
//! itself alone concerns nobody else, and needs no editor.

use super::fields::{Status, Visibility};
use super::memory::Memory;
use crate::core::error::Result;
use crate::identity::actor::Actor;
use crate::identity::permit::{Permit, role_required};
use crate::identity::role::Role;

/// The status of a memory once somebody of a role has written it; a new one comes as active.
#[must_use]
pub fn status_after(before: Status, role: Role, visibility: Visibility) -> Status {
    match visibility {
        // Nobody else sees it, so that nobody could accept it either.
        Visibility::Agent if before == Status::Proposed => Status::Active,
        Visibility::Team if role < Role::Editor => Status::Proposed,
        _ => before,
    }
}

/// Refuses to change or forget what isn't the bearer's to change: a viewer changes its own
/// proposals and what it keeps for itself alone.
///
/// # Errors
/// `PERMISSION_DENIED` with the role that is needed.
pub fn check_change(memory: &Memory, permit: &Permit) -> Result<()> {
    let is_own = memory.author.is(permit.actor());
    let is_unshared =
        memory.status == Status::Proposed || memory.statement.visibility == Visibility::Agent;
    if permit.role() >= Role::Editor || (is_own && is_unshared) {
        return Ok(());
    }
    Err(role_required(Role::Editor))
}

/// Whether to retire a memory takes somebody's consent: an agent doesn't retire on its own what a
/// person wrote.
#[must_use]
pub fn needs_consent(memory: &Memory, permit: &Permit) -> bool {
    is_person(&memory.author.actor) && !is_person(permit.actor())
}

/// Whether somebody acts in person, and not by an agent.
#[must_use]
pub fn is_person(actor: &Actor) -> bool {
    actor.agent.is_none() && actor.member.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_proposes_to_the_team_and_keeps_for_itself() {
        let kept = |role, visibility| status_after(Status::Active, role, visibility);

        assert_eq!(kept(Role::Viewer, Visibility::Team), Status::Proposed);
        assert_eq!(kept(Role::Viewer, Visibility::Agent), Status::Active);
        assert_eq!(kept(Role::Editor, Visibility::Team), Status::Active);
    }

    #[test]
    fn a_proposal_stays_one_when_an_editor_mends_it_and_ends_when_it_becomes_private() {
        let proposed = |role, visibility| status_after(Status::Proposed, role, visibility);

        assert_eq!(proposed(Role::Editor, Visibility::Team), Status::Proposed);
        assert_eq!(proposed(Role::Viewer, Visibility::Team), Status::Proposed);
        assert_eq!(proposed(Role::Viewer, Visibility::Agent), Status::Active);
        assert_eq!(status_after(Status::Expired, Role::Viewer, Visibility::Agent), Status::Expired);
    }
}
