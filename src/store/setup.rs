//! What only the first start of a database does.

use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{MemberId, TeamId};

use super::keys::NewKey;

/// A team to be made, with its first member.
#[derive(Debug, Clone)]
pub struct NewTeam {
    pub id: TeamId,
    pub slug: String,
    pub owner: MemberId,
    pub owner_name: String,
    pub created_at: Timestamp,
}

/// What setting up may do.
pub trait SetupTx {
    /// The oldest team, if there is any.
    fn first_team(&mut self) -> Result<Option<TeamId>>;

    /// Whether there is or ever was any key.
    fn has_key(&mut self) -> Result<bool>;

    /// Makes a team and its owner.
    fn add_team(&mut self, team: &NewTeam) -> Result<()>;

    /// Adds a team's first key.
    fn add_first_key(&mut self, team: TeamId, key: &NewKey) -> Result<()>;
}
