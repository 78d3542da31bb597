//! From an e-mail or an invitation to a member: what is read and changed before there is a permit.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{MemberId, TeamId};
use crate::identity::guard::Policy;
use crate::identity::member::Standing;
use crate::identity::role::Role;

/// A member's row as sign-in needs it.
#[derive(Debug, Clone)]
pub struct SignInMember {
    pub team: TeamId,
    pub team_slug: String,
    pub id: MemberId,
    pub display_name: String,
    pub email: Option<String>,
    pub role: Role,
    pub standing: Standing,
    /// argon2id, as a PHC string. None before there is a password.
    pub password_hash: Option<String>,
    /// How long the invitation can be taken up.
    pub invited_until: Option<Timestamp>,
    /// Counts changes of role, status and password.
    pub change_number: i64,
    /// What the team wants done with secrets in arguments.
    pub secrets: Policy,
}

/// What can be read of a member before there is a permit.
pub trait MemberSignInRead {
    /// The member of an e-mail in a team of a slug; without one, in the only team there is.
    fn member_of_email(&mut self, team: Option<&str>, email: &str) -> Result<Option<SignInMember>>;

    /// The member of an invitation, by its hash.
    fn member_of_invitation(&mut self, hash: &str) -> Result<Option<SignInMember>>;

    /// A member of a team.
    fn member_for_sign_in(&mut self, team: TeamId, id: MemberId) -> Result<Option<SignInMember>>;
}

/// What sign-in may change of a member: its password.
pub trait MemberSignInTx: MemberSignInRead {
    /// Makes an invited member an active one with a password. The invitation is used up.
    fn join(&mut self, team: TeamId, id: MemberId, hash: &str, at: Timestamp) -> Result<()>;

    /// Sets a member's password. What was signed in with the one before is refused from then on.
    fn set_password(&mut self, team: TeamId, id: MemberId, hash: &str) -> Result<()>;
}
