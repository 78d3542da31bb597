//! [`crate::store::leases`] on PostgreSQL.

use super::columns::Column;
use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TaskId;
use crate::identity::permit::Permit;
use crate::store::leases::{LeaseRead, LeaseWrite};
use crate::work::party::Party;

impl LeaseRead for PgTx<'_> {
    fn open_needs(&mut self, permit: &Permit, id: TaskId) -> Result<Vec<TaskId>> {
        let sql = "SELECT n.needs_id FROM task_needs n
                   JOIN tasks t ON t.team_id = n.team_id AND t.task_id = n.needs_id
                   WHERE n.team_id = :team AND n.task_id = :id
                     AND t.status NOT IN ('DONE', 'CANCELLED')
                   ORDER BY n.needs_id";
        let params: [(&str, &dyn Column); 2] = [("team", &permit.team()), ("id", &id)];
        self.rows(sql, &params)?.iter().map(|row| Ok(row.try_get("needs_id")?)).collect()
    }
}

impl LeaseWrite for PgTx<'_> {
    fn end_leases(&mut self, permit: &Permit, holder: &Party, at: Timestamp) -> Result<u64> {
        let sql = "UPDATE tasks SET lease_until = :at, version = version + 1, updated_at = :at
                   WHERE team_id = :team AND lease_until > :at
                     AND (holder_agent_id = :agent OR holder_member_id = :member)";
        let (agent, member) = Party::ids(Some(holder));
        self.count(
            sql,
            &[("team", &permit.team()), ("at", &at), ("agent", &agent), ("member", &member)],
        )
    }
}
