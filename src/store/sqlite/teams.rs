//! [`crate::store::teams`] on SQLite.

use rusqlite::named_params;

use super::sign_in::{secret_policy, trust_policy};
use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::identity::permit::Permit;
use crate::store::teams::{Policies, TeamRead, TeamWrite};

impl TeamRead for SqliteTx<'_> {
    fn policies(&mut self, permit: &Permit) -> Result<Policies> {
        let sql = "SELECT trust_policy, secret_policy, allows_self_approval FROM teams
                   WHERE team_id = :team";
        let params = named_params! { ":team": permit.team() };
        Ok(self.statement(sql)?.query_row(params, |row| {
            Ok(Policies {
                trust: trust_policy(row)?,
                secrets: secret_policy(row)?,
                allows_self_approval: row.get("allows_self_approval")?,
            })
        })?)
    }
}

impl TeamWrite for SqliteTx<'_> {
    fn set_policies(&mut self, permit: &Permit, policies: Policies) -> Result<()> {
        let sql = "UPDATE teams SET trust_policy = :trust, secret_policy = :secrets,
                          allows_self_approval = :allows_self_approval
                   WHERE team_id = :team";
        self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":trust": policies.trust.as_str(),
            ":secrets": policies.secrets.as_str(),
            ":allows_self_approval": policies.allows_self_approval,
        })?;
        Ok(())
    }
}
