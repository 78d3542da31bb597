//! Agents and members as they stand in two columns: `<role>_agent_id`, `<role>_member_id`.

use tokio_postgres::Row;

use crate::core::error::Result;
use crate::core::id::{AgentId, MemberId};
use crate::identity::actor::AgentRef;
use crate::work::party::Party;

/// What a statement reads of a party of the table that is called `t` in it.
pub(super) fn columns(role: &str) -> String {
    format!(
        "t.{role}_agent_id, t.{role}_member_id,
         (SELECT a.slug FROM agents a
          WHERE a.team_id = t.team_id AND a.agent_id = t.{role}_agent_id) AS {role}_slug,
         (SELECT p.display_name FROM members p
          WHERE p.team_id = t.team_id AND p.member_id = t.{role}_member_id) AS {role}_name"
    )
}

/// A party from those columns.
pub(super) fn party(row: &Row, role: &str) -> Result<Option<Party>> {
    let agent: Option<AgentId> = row.try_get(format!("{role}_agent_id").as_str())?;
    let member: Option<MemberId> = row.try_get(format!("{role}_member_id").as_str())?;
    let slug: Option<String> = row.try_get(format!("{role}_slug").as_str())?;
    let name: Option<String> = row.try_get(format!("{role}_name").as_str())?;
    let agent = agent.map(|id| Party::Agent(AgentRef { id, slug: slug.unwrap_or_default() }));
    Ok(agent.or(member.map(|id| Party::Member { id, name: name.unwrap_or_default() })))
}
