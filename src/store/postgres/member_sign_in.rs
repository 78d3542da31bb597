//! [`crate::store::member_sign_in`] on PostgreSQL.

use tokio_postgres::Row;

use super::keys::role;
use super::link::Params;
use super::sign_in::secret_policy;
use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{MemberId, TeamId};
use crate::identity::member::Standing;
use crate::store::member_sign_in::{MemberSignInRead, MemberSignInTx, SignInMember};

const SELECT: &str = "SELECT m.team_id, t.slug AS team_slug, t.secret_policy, m.member_id,
        m.display_name, m.email, m.role, m.status, m.password_hash, m.invited_until,
        m.change_number
    FROM members m JOIN teams t ON t.team_id = m.team_id";

impl MemberSignInRead for PgTx<'_> {
    fn member_of_email(&mut self, team: Option<&str>, email: &str) -> Result<Option<SignInMember>> {
        let sql = format!(
            "{SELECT} WHERE m.email = :email AND (t.slug = :slug
                 OR (:slug IS NULL AND (SELECT count(*) FROM teams) = 1))"
        );
        found(self, &sql, &[("email", &email), ("slug", &team)])
    }

    fn member_of_invitation(&mut self, hash: &str) -> Result<Option<SignInMember>> {
        let sql = format!("{SELECT} WHERE m.invitation_hash = :hash");
        found(self, &sql, &[("hash", &hash)])
    }

    fn member_for_sign_in(&mut self, team: TeamId, id: MemberId) -> Result<Option<SignInMember>> {
        let sql = format!("{SELECT} WHERE m.team_id = :team AND m.member_id = :member");
        found(self, &sql, &[("team", &team), ("member", &id)])
    }
}

impl MemberSignInTx for PgTx<'_> {
    fn join(&mut self, team: TeamId, id: MemberId, hash: &str, at: Timestamp) -> Result<()> {
        self.hold(team)?;
        let sql = "UPDATE members SET status = 'active', password_hash = :hash, joined_at = :at,
                          invitation_hash = NULL, invited_until = NULL,
                          change_number = change_number + 1
                   WHERE team_id = :team AND member_id = :member AND status = 'invited'";
        self.execute(sql, &[("team", &team), ("member", &id), ("hash", &hash), ("at", &at)])
    }

    fn set_password(&mut self, team: TeamId, id: MemberId, hash: &str) -> Result<()> {
        self.hold(team)?;
        let sql = "UPDATE members SET password_hash = :hash, change_number = change_number + 1
                   WHERE team_id = :team AND member_id = :member AND status = 'active'";
        self.execute(sql, &[("team", &team), ("member", &id), ("hash", &hash)])
    }
}

/// Reads a member; in a unit that writes under the lock of its team, so that what is read holds
/// until the commit.
fn found(tx: &mut PgTx<'_>, sql: &str, params: Params<'_>) -> Result<Option<SignInMember>> {
    let mut row = tx.row(sql, params)?;
    if tx.is_writer()
        && let Some(first) = &row
    {
        tx.hold(first.try_get("team_id")?)?;
        row = tx.row(sql, params)?;
    }
    row.as_ref().map(sign_in_member).transpose()
}

fn sign_in_member(row: &Row) -> Result<SignInMember> {
    Ok(SignInMember {
        team: row.try_get("team_id")?,
        team_slug: row.try_get("team_slug")?,
        id: row.try_get("member_id")?,
        display_name: row.try_get("display_name")?,
        email: row.try_get("email")?,
        role: role(row)?,
        standing: Standing::parse(row.try_get("status")?),
        password_hash: row.try_get("password_hash")?,
        invited_until: row.try_get("invited_until")?,
        change_number: row.try_get("change_number")?,
        secrets: secret_policy(row)?,
    })
}
