//! Members of a team. Nothing here ever gives a hash back.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemberId;
use crate::identity::member::Standing;
use crate::identity::permit::Permit;
use crate::identity::role::Role;

/// A member to be invited.
#[derive(Debug, Clone)]
pub struct NewMember {
    pub id: MemberId,
    pub display_name: String,
    /// As `identity::member::email` gives it.
    pub email: String,
    pub role: Role,
    pub invitation_hash: String,
    pub invited_until: Timestamp,
    pub created_at: Timestamp,
}

/// A member as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    pub id: MemberId,
    pub display_name: String,
    /// None for a first owner who has given none, and for whoever was removed.
    pub email: Option<String>,
    pub role: Role,
    pub standing: Standing,
    /// How long the invitation can be taken up, while it waits.
    pub invited_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub joined_at: Option<Timestamp>,
    pub removed_at: Option<Timestamp>,
}

/// What can be read of members.
pub trait MemberRead {
    /// The members of the team, oldest first, removed ones too: the trail refers to them.
    fn members(&mut self, permit: &Permit) -> Result<Vec<MemberRow>>;

    /// A member by its id.
    fn member(&mut self, permit: &Permit, id: MemberId) -> Result<Option<MemberRow>>;

    /// Whether any other member than this one is an active owner.
    fn has_other_owner(&mut self, permit: &Permit, id: MemberId) -> Result<bool>;
}

/// What can be changed of members.
pub trait MemberWrite {
    /// Adds an invited member; `false` when another of the team has that e-mail.
    fn add_member(&mut self, permit: &Permit, member: &NewMember) -> Result<bool>;

    /// Sets name and e-mail; `false` when another member of the team has that e-mail.
    fn describe_member(&mut self, permit: &Permit, member: &MemberRow) -> Result<bool>;

    /// Sets a member's role. Its running units are refused from then on.
    fn set_member_role(&mut self, permit: &Permit, id: MemberId, role: Role) -> Result<()>;

    /// Ends a membership: the record stays, and loses e-mail, password and invitation.
    fn remove_member(&mut self, permit: &Permit, id: MemberId, at: Timestamp) -> Result<()>;
}
