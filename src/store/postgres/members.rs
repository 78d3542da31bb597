//! [`crate::store::members`] on PostgreSQL.

use tokio_postgres::Row;

use super::keys::role;
use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::MemberId;
use crate::identity::member::Standing;
use crate::identity::permit::Permit;
use crate::identity::role::Role;
use crate::store::members::{MemberRead, MemberRow, MemberWrite, NewMember};

impl MemberRead for PgTx<'_> {
    fn members(&mut self, permit: &Permit) -> Result<Vec<MemberRow>> {
        let sql = "SELECT member_id, display_name, email, role, status, invited_until, created_at,
                          joined_at, removed_at
                   FROM members WHERE team_id = :team
                   ORDER BY created_at, member_id";
        self.rows(sql, &[("team", &permit.team())])?.iter().map(member_row).collect()
    }

    fn member(&mut self, permit: &Permit, id: MemberId) -> Result<Option<MemberRow>> {
        let sql = "SELECT member_id, display_name, email, role, status, invited_until, created_at,
                          joined_at, removed_at
                   FROM members WHERE team_id = :team AND member_id = :member";
        let row = self.row(sql, &[("team", &permit.team()), ("member", &id)])?;
        row.as_ref().map(member_row).transpose()
    }

    fn has_other_owner(&mut self, permit: &Permit, id: MemberId) -> Result<bool> {
        let sql = "SELECT 1 FROM members
                   WHERE team_id = :team AND member_id <> :member AND role = :owner
                     AND status = 'active'";
        self.exists(
            sql,
            &[("team", &permit.team()), ("member", &id), ("owner", &Role::Owner.as_str())],
        )
    }
}

impl MemberWrite for PgTx<'_> {
    fn add_member(&mut self, permit: &Permit, member: &NewMember) -> Result<bool> {
        let sql = "SELECT 1 FROM members WHERE team_id = :team AND email = :email";
        if self.exists(sql, &[("team", &permit.team()), ("email", &member.email)])? {
            return Ok(false);
        }
        let sql = "INSERT INTO members (team_id, member_id, display_name, email, role, status,
                                        invitation_hash, invited_until, created_at)
                   VALUES (:team, :member, :name, :email, :role, 'invited', :hash, :until, :at)";
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("member", &member.id),
                ("name", &member.display_name),
                ("email", &member.email),
                ("role", &member.role.as_str()),
                ("hash", &member.invitation_hash),
                ("until", &member.invited_until),
                ("at", &member.created_at),
            ],
        )?;
        Ok(true)
    }

    fn describe_member(&mut self, permit: &Permit, member: &MemberRow) -> Result<bool> {
        let sql = "SELECT 1 FROM members
                   WHERE team_id = :team AND email = :email AND member_id <> :member";
        if self.exists(
            sql,
            &[("team", &permit.team()), ("email", &member.email), ("member", &member.id)],
        )? {
            return Ok(false);
        }
        let sql = "UPDATE members SET display_name = :name, email = :email
                   WHERE team_id = :team AND member_id = :member";
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("member", &member.id),
                ("name", &member.display_name),
                ("email", &member.email),
            ],
        )?;
        Ok(true)
    }

    fn set_member_role(&mut self, permit: &Permit, id: MemberId, role: Role) -> Result<()> {
        let sql = "UPDATE members SET role = :role, change_number = change_number + 1
                   WHERE team_id = :team AND member_id = :member";
        self.execute(sql, &[("team", &permit.team()), ("member", &id), ("role", &role.as_str())])
    }

    fn remove_member(&mut self, permit: &Permit, id: MemberId, at: Timestamp) -> Result<()> {
        let sql = "UPDATE members SET status = 'removed', email = NULL, password_hash = NULL,
                          invitation_hash = NULL, invited_until = NULL, removed_at = :at,
                          change_number = change_number + 1
                   WHERE team_id = :team AND member_id = :member";
        self.execute(sql, &[("team", &permit.team()), ("member", &id), ("at", &at)])
    }
}

fn member_row(row: &Row) -> Result<MemberRow> {
    Ok(MemberRow {
        id: row.try_get("member_id")?,
        display_name: row.try_get("display_name")?,
        email: row.try_get("email")?,
        role: role(row)?,
        standing: Standing::parse(row.try_get("status")?),
        invited_until: row.try_get("invited_until")?,
        created_at: row.try_get("created_at")?,
        joined_at: row.try_get("joined_at")?,
        removed_at: row.try_get("removed_at")?,
    })
}
