//! [`crate::store::nodes`] on SQLite.

use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension, Row, named_params};

use super::columns::{as_json, named};
use super::party::{self, party};
use super::tx::SqliteTx;
use crate::core::error::Result;
use crate::core::id::NodeId;
use crate::core::named::Named;
use crate::identity::permit::Permit;
use crate::store::nodes::{ActiveNode, NodeRead, NodeWrite};
use crate::work::node::Node;
use crate::work::party::Party;
use crate::work::tree::Place;

pub(super) fn select() -> String {
    format!(
        "SELECT t.node_id, t.kind, t.parent_id, t.position, t.statement, t.description, t.status,
                t.version, t.created_at, t.updated_at, {}, {}
         FROM nodes t",
        party::columns("owner"),
        party::columns("author"),
    )
}

impl NodeRead for SqliteTx<'_> {
    fn node(&mut self, permit: &Permit, id: NodeId) -> Result<Option<Node>> {
        let sql = format!("{} WHERE t.team_id = :team AND t.node_id = :id", select());
        let params = named_params! { ":team": permit.team(), ":id": id };
        Ok(self.statement(&sql)?.query_row(params, node_row).optional()?)
    }

    fn nodes_of(&mut self, permit: &Permit, ids: &[NodeId]) -> Result<Vec<Node>> {
        let sql = format!(
            "{} JOIN json_each(:ids) given ON t.node_id = given.value
             WHERE t.team_id = :team ORDER BY given.key",
            select()
        );
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let params = named_params! { ":team": permit.team(), ":ids": as_json(&ids) };
        Ok(self.statement(&sql)?.query_map(params, node_row)?.collect::<rusqlite::Result<_>>()?)
    }

    fn active_nodes(&mut self, permit: &Permit, limit: usize) -> Result<Vec<ActiveNode>> {
        let sql = "SELECT node_id, kind, version, statement FROM nodes
                   WHERE team_id = :team AND status = 'ACTIVE'
                   ORDER BY updated_at DESC, node_id DESC LIMIT :limit";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let params = named_params! { ":team": permit.team(), ":limit": limit };
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(params, |row| {
            Ok(ActiveNode {
                id: row.get("node_id")?,
                kind: named(row, "kind")?,
                version: row.get("version")?,
                statement: row.get("statement")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn node_places(&mut self, permit: &Permit) -> Result<Vec<Place>> {
        let sql = "SELECT node_id, parent_id FROM nodes WHERE team_id = :team
                   ORDER BY parent_id, position, node_id";
        let params = named_params! { ":team": permit.team() };
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(params, |row| {
            Ok(Place { id: row.get("node_id")?, parent: row.get("parent_id")? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn nodes_below(&mut self, permit: &Permit, parent: Option<NodeId>) -> Result<Vec<NodeId>> {
        let sql = "SELECT node_id FROM nodes WHERE team_id = :team AND parent_id IS :parent
                   ORDER BY position, node_id";
        let params = named_params! { ":team": permit.team(), ":parent": parent };
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(params, |row| row.get("node_id"))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl NodeWrite for SqliteTx<'_> {
    fn add_node(&mut self, permit: &Permit, node: &Node) -> Result<()> {
        let sql = "INSERT INTO nodes (team_id, node_id, kind, parent_id, position, statement,
                          description, status, owner_agent_id, owner_member_id, author_agent_id,
                          author_member_id, version, created_at, updated_at)
                   VALUES (:team, :id, :kind, :parent, :position, :statement, :description, :status,
                           :owner_agent, :owner_member, :author_agent, :author_member, :version,
                           :created_at, :updated_at)";
        let (author_agent, author_member) = Party::ids(node.author.as_ref());
        let kind = node.kind.as_str();
        with_params(permit, node, |params| {
            let mut params = params.to_vec();
            params.extend([
                (":kind", &kind as &dyn ToSql),
                (":author_agent", &author_agent),
                (":author_member", &author_member),
                (":created_at", &node.created_at),
            ]);
            self.statement(sql)?.execute(&*params)?;
            Ok(())
        })
    }

    fn update_node(&mut self, permit: &Permit, node: &Node) -> Result<bool> {
        let sql = "UPDATE nodes SET parent_id = :parent, position = :position,
                          statement = :statement, description = :description, status = :status,
                          owner_agent_id = :owner_agent, owner_member_id = :owner_member,
                          version = :version, updated_at = :updated_at
                   WHERE team_id = :team AND node_id = :id AND version = :version - 1";
        with_params(permit, node, |params| Ok(self.statement(sql)?.execute(params)? > 0))
    }

    fn order_nodes(&mut self, permit: &Permit, ids: &[NodeId]) -> Result<()> {
        let sql = "UPDATE nodes SET position = (SELECT given.key FROM json_each(:ids) given
                                                WHERE given.value = nodes.node_id)
                   WHERE team_id = :team AND node_id IN (SELECT value FROM json_each(:ids))";
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let params = named_params! { ":team": permit.team(), ":ids": as_json(&ids) };
        self.statement(sql)?.execute(params)?;
        Ok(())
    }
}

/// Hands on what both statements write.
fn with_params<T>(
    permit: &Permit,
    node: &Node,
    run: impl FnOnce(&[(&str, &dyn ToSql)]) -> Result<T>,
) -> Result<T> {
    let (owner_agent, owner_member) = Party::ids(node.owner.as_ref());
    run(&[
        (":team", &permit.team()),
        (":id", &node.id),
        (":parent", &node.parent),
        (":position", &node.position),
        (":statement", &node.statement),
        (":description", &node.description),
        (":status", &node.status.as_str()),
        (":owner_agent", &owner_agent),
        (":owner_member", &owner_member),
        (":version", &node.version),
        (":updated_at", &node.updated_at),
    ])
}

pub(super) fn node_row(row: &Row<'_>) -> rusqlite::Result<Node> {
    Ok(Node {
        id: row.get("node_id")?,
        kind: named(row, "kind")?,
        parent: row.get("parent_id")?,
        position: row.get("position")?,
        statement: row.get("statement")?,
        description: row.get("description")?,
        status: named(row, "status")?,
        owner: party(row, "owner")?,
        author: party(row, "author")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
