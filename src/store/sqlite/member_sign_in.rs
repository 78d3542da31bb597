//! [`crate::store::member_sign_in`] on SQLite.

use rusqlite::{OptionalExtension, Row, named_params};

use super::keys::role;
use super::sign_in::secret_policy;
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::{MemberId, TeamId};
use crate::identity::member::Standing;
use crate::store::member_sign_in::{MemberSignInRead, MemberSignInTx, SignInMember};

const SELECT: &str = "SELECT m.team_id, t.slug AS team_slug, t.secret_policy, m.member_id,
        m.display_name, m.email, m.role, m.status, m.password_hash, m.invited_until,
        m.change_number
    FROM members m JOIN teams t ON t.team_id = m.team_id";

impl MemberSignInRead for SqliteTx<'_> {
    fn member_of_email(&mut self, team: Option<&str>, email: &str) -> Result<Option<SignInMember>> {
        let sql = format!(
            "{SELECT} WHERE m.email = :email AND (t.slug = :slug
                 OR (:slug IS NULL AND (SELECT count(*) FROM teams) = 1))"
        );
        let params = named_params! { ":email": email, ":slug": team };
        Ok(self.statement(&sql)?.query_row(params, sign_in_member).optional()?)
    }

    fn member_of_invitation(&mut self, hash: &str) -> Result<Option<SignInMember>> {
        let sql = format!("{SELECT} WHERE m.invitation_hash = :hash");
        let params = named_params! { ":hash": hash };
        Ok(self.statement(&sql)?.query_row(params, sign_in_member).optional()?)
    }

    fn member_for_sign_in(&mut self, team: TeamId, id: MemberId) -> Result<Option<SignInMember>> {
        let sql = format!("{SELECT} WHERE m.team_id = :team AND m.member_id = :member");
        let params = named_params! { ":team": team, ":member": id };
        Ok(self.statement(&sql)?.query_row(params, sign_in_member).optional()?)
    }
}

impl MemberSignInTx for SqliteTx<'_> {
    fn join(&mut self, team: TeamId, id: MemberId, hash: &str, at: Timestamp) -> Result<()> {
        let sql = "UPDATE members SET status = 'active', password_hash = :hash, joined_at = :at,
                          invitation_hash = NULL, invited_until = NULL,
                          change_number = change_number + 1
                   WHERE team_id = :team AND member_id = :member AND status = 'invited'";
        let params = named_params! { ":team": team, ":member": id, ":hash": hash, ":at": at };
        self.statement(sql)?.execute(params)?;
        Ok(())
    }

    fn set_password(&mut self, team: TeamId, id: MemberId, hash: &str) -> Result<()> {
        let sql = "UPDATE members SET password_hash = :hash, change_number = change_number + 1
                   WHERE team_id = :team AND member_id = :member AND status = 'active'";
        let params = named_params! { ":team": team, ":member": id, ":hash": hash };
        self.statement(sql)?.execute(params)?;
        Ok(())
    }
}

fn sign_in_member(row: &Row<'_>) -> rusqlite::Result<SignInMember> {
    Ok(SignInMember {
        team: row.get("team_id")?,
        team_slug: row.get("team_slug")?,
        id: row.get("member_id")?,
        display_name: row.get("display_name")?,
        email: row.get("email")?,
        role: role(row)?,
        standing: Standing::parse(&row.get::<_, String>("status")?),
        password_hash: row.get("password_hash")?,
        invited_until: row.get("invited_until")?,
        change_number: row.get("change_number")?,
        secrets: secret_policy(row)?,
    })
}
