//! [`crate::store::teams`] on PostgreSQL.

use super::sign_in::{secret_policy, trust_policy};
use super::tx::PgTx;
use crate::core::error::{Error, Result};
use crate::identity::permit::Permit;
use crate::store::teams::{Policies, TeamRead, TeamWrite};

impl TeamRead for PgTx<'_> {
    fn policies(&mut self, permit: &Permit) -> Result<Policies> {
        let sql = "SELECT trust_policy, secret_policy, allows_self_approval FROM teams
                   WHERE team_id = :team";
        let row = self.row(sql, &[("team", &permit.team())])?;
        let row = row.ok_or_else(|| Error::internal("a permit's team isn't there"))?;
        Ok(Policies {
            trust: trust_policy(&row)?,
            secrets: secret_policy(&row)?,
            allows_self_approval: row.try_get("allows_self_approval")?,
        })
    }
}

impl TeamWrite for PgTx<'_> {
    fn set_policies(&mut self, permit: &Permit, policies: Policies) -> Result<()> {
        let sql = "UPDATE teams SET trust_policy = :trust, secret_policy = :secrets,
                          allows_self_approval = :allows_self_approval
                   WHERE team_id = :team";
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("trust", &policies.trust.as_str()),
                ("secrets", &policies.secrets.as_str()),
                ("allows_self_approval", &policies.allows_self_approval),
            ],
        )
    }
}
