//! [`crate::store::setup`] on PostgreSQL.

use super::keys::insert_key;
use super::tx::PgTx;
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::identity::role::Role;
use crate::store::keys::NewKey;
use crate::store::setup::{NewTeam, SetupTx};

impl SetupTx for PgTx<'_> {
    fn first_team(&mut self) -> Result<Option<TeamId>> {
        self.hold_setup()?;
        let sql = "SELECT team_id FROM teams ORDER BY created_at, team_id LIMIT 1";
        self.row(sql, &[])?.map(|row| Ok(row.try_get("team_id")?)).transpose()
    }

    fn has_key(&mut self) -> Result<bool> {
        self.hold_setup()?;
        self.exists("SELECT 1 FROM keys LIMIT 1", &[])
    }

    fn add_team(&mut self, team: &NewTeam) -> Result<()> {
        self.hold_setup()?;
        let sql = "INSERT INTO teams (team_id, slug, trust_policy, secret_policy, created_at)
                   VALUES (:team, :slug, 'automatic', 'reject', :at)";
        self.execute(sql, &[("team", &team.id), ("slug", &team.slug), ("at", &team.created_at)])?;
        let sql = "INSERT INTO members (team_id, member_id, display_name, role, created_at)
                   VALUES (:team, :member, :name, :role, :at)";
        self.execute(
            sql,
            &[
                ("team", &team.id),
                ("member", &team.owner),
                ("name", &team.owner_name),
                ("role", &Role::Owner.as_str()),
                ("at", &team.created_at),
            ],
        )?;
        let sql = "INSERT INTO word_totals (team_id, memories, words) VALUES (:team, 0, 0)";
        self.execute(sql, &[("team", &team.id)])
    }

    fn add_first_key(&mut self, team: TeamId, key: &NewKey) -> Result<()> {
        self.hold_setup()?;
        self.hold(team)?;
        insert_key(self, team, key)
    }
}
