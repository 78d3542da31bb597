//! [`crate::store::setup`] on SQLite.

use rusqlite::{OptionalExtension, named_params};

use super::keys::insert_key;
use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::identity::role::Role;
use crate::store::keys::NewKey;
use crate::store::setup::{NewTeam, SetupTx};

impl SetupTx for SqliteTx<'_> {
    fn first_team(&mut self) -> Result<Option<TeamId>> {
        let sql = "SELECT team_id FROM teams ORDER BY created_at, team_id LIMIT 1";
        Ok(self.statement(sql)?.query_row([], |row| row.get(0)).optional()?)
    }

    fn has_key(&mut self) -> Result<bool> {
        Ok(self.statement("SELECT 1 FROM keys LIMIT 1")?.exists([])?)
    }

    fn add_team(&mut self, team: &NewTeam) -> Result<()> {
        let sql = "INSERT INTO teams (team_id, slug, trust_policy, secret_policy, created_at)
                   VALUES (:team, :slug, 'automatic', 'reject', :at)";
        self.statement(sql)?.execute(
            named_params! { ":team": team.id, ":slug": team.slug, ":at": team.created_at },
        )?;
        let sql = "INSERT INTO members (team_id, member_id, display_name, role, created_at)
                   VALUES (:team, :member, :name, :role, :at)";
        self.statement(sql)?.execute(named_params! {
            ":team": team.id,
            ":member": team.owner,
            ":name": team.owner_name,
            ":role": Role::Owner.as_str(),
            ":at": team.created_at,
        })?;
        Ok(())
    }

    fn add_first_key(&mut self, team: TeamId, key: &NewKey) -> Result<()> {
        insert_key(self, team, key)
    }
}
