//! What can be done: the catalogue, one file an operation, and the one way to run one.
//!
//! The one idea: an operation is declared once. MCP, REST, the command line, the OpenAPI document
//! and the authorization tests read [`CATALOGUE`]; none of them knows an operation by name. Open
//! [`remember`] for one, then [`call`] for what happens around it.

mod activity_export;
pub mod activity_verify;
mod against;
mod agent_approve;
mod agent_block;
mod agent_create;
mod agent_delete;
mod agent_list;
mod agent_register;
mod agent_show;
mod agent_target;
mod answer;
mod author_quarantine;
mod author_release;
mod author_roll_back;
mod author_target;
mod brief;
pub mod call;
mod comment_add;
mod comment_list;
mod comment_view;
mod complete;
pub mod composer;
mod conflict_open;
mod conflict_resolve;
mod conflict_view;
mod conflict_with_node;
mod conflicts_list;
mod daily_summary;
pub mod decode;
mod desk;
pub mod document;
mod export;
mod export_work;
mod extract;
mod forget;
mod import;
mod import_decided;
mod import_record;
mod import_work;
mod json_text;
mod keep;
mod key_activate;
mod key_create;
mod key_deactivate;
mod key_delete;
mod key_edit;
mod key_list;
mod key_revoke;
mod key_rotate;
mod key_show;
mod key_target;
mod link_add;
mod link_remove;
mod linked_view;
mod member_edit;
mod member_invite;
mod member_list;
mod member_remove;
mod member_role;
mod member_target;
mod memory_accept;
mod memory_erase;
mod memory_expire;
mod memory_get;
mod memory_list;
mod memory_restore;
mod memory_update;
mod my_activity;
pub mod names;
mod node_view;
mod once;
mod operation_list;
mod operation_show;
mod policy_set;
mod policy_show;
mod recall;
mod recall_links;
mod recall_past;
mod recall_work;
mod remember;
pub mod resource;
mod retention_purge;
mod retention_run;
mod retention_set;
mod retention_show;
mod retention_sweep;
mod retention_target;
pub mod schema;
mod session_activate;
mod session_current;
mod session_end;
mod session_extend;
mod session_key_rotate;
mod session_list;
mod session_target;
pub mod spec;
mod strategy_node_create;
mod strategy_node_search;
mod strategy_node_update;
mod strategy_tree;
mod supersede;
mod task_create;
mod task_get;
mod task_list;
mod task_update;
mod task_view;
mod view;
pub mod watch;
mod whoami;
mod work_begin;
mod work_blocked;
mod work_checkpoint;
mod work_complete;
mod work_release;
mod work_review;
mod work_step;
mod work_target;

pub use call::{App, call, call_named};
pub use remember::check_one as check_memory;
pub use spec::{Entry, Spec};

use crate::core::text::distance::distance;

/// Every operation, in the order in which people read about them.
pub static CATALOGUE: [Entry; 79] = [
    Entry::of::<whoami::Whoami>(),
    Entry::of::<agent_register::AgentRegister>(),
    Entry::of::<my_activity::MyActivity>(),
    Entry::of::<remember::Remember>(),
    Entry::of::<recall::Recall>(),
    Entry::of::<answer::Answer>(),
    Entry::of::<extract::Extract>(),
    Entry::of::<memory_get::MemoryGet>(),
    Entry::of::<memory_list::MemoryList>(),
    Entry::of::<memory_update::MemoryUpdate>(),
    Entry::of::<memory_expire::MemoryExpire>(),
    Entry::of::<memory_restore::MemoryRestore>(),
    Entry::of::<forget::Forget>(),
    Entry::of::<link_add::LinkAdd>(),
    Entry::of::<link_remove::LinkRemove>(),
    Entry::of::<conflicts_list::ConflictsList>(),
    Entry::of::<conflict_resolve::ConflictResolve>(),
    Entry::of::<memory_accept::MemoryAccept>(),
    Entry::of::<work_begin::WorkBegin>(),
    Entry::of::<work_checkpoint::WorkCheckpoint>(),
    Entry::of::<work_complete::WorkComplete>(),
    Entry::of::<work_blocked::WorkBlocked>(),
    Entry::of::<work_review::WorkReview>(),
    Entry::of::<work_release::WorkRelease>(),
    Entry::of::<comment_add::CommentAdd>(),
    Entry::of::<comment_list::CommentList>(),
    Entry::of::<strategy_tree::StrategyTree>(),
    Entry::of::<strategy_node_create::StrategyNodeCreate>(),
    Entry::of::<strategy_node_update::StrategyNodeUpdate>(),
    Entry::of::<strategy_node_search::StrategyNodeSearch>(),
    Entry::of::<task_create::TaskCreate>(),
    Entry::of::<task_list::TaskList>(),
    Entry::of::<task_get::TaskGet>(),
    Entry::of::<task_update::TaskUpdate>(),
    Entry::of::<brief::Brief>(),
    Entry::of::<complete::Complete>(),
    Entry::of::<daily_summary::DailySummary>(),
    Entry::of::<key_create::KeyCreate>(),
    Entry::of::<key_list::KeyList>(),
    Entry::of::<key_show::KeyShow>(),
    Entry::of::<key_edit::KeyEdit>(),
    Entry::of::<key_deactivate::KeyDeactivate>(),
    Entry::of::<key_activate::KeyActivate>(),
    Entry::of::<key_rotate::KeyRotate>(),
    Entry::of::<key_revoke::KeyRevoke>(),
    Entry::of::<key_delete::KeyDelete>(),
    Entry::of::<agent_list::AgentList>(),
    Entry::of::<agent_show::AgentShow>(),
    Entry::of::<agent_create::AgentCreate>(),
    Entry::of::<agent_approve::AgentApprove>(),
    Entry::of::<agent_block::AgentBlock>(),
    Entry::of::<agent_delete::AgentDelete>(),
    Entry::of::<session_activate::SessionActivate>(),
    Entry::of::<session_current::SessionCurrent>(),
    Entry::of::<session_extend::SessionExtend>(),
    Entry::of::<session_end::SessionEnd>(),
    Entry::of::<session_list::SessionList>(),
    Entry::of::<session_key_rotate::SessionKeyRotate>(),
    Entry::of::<member_list::MemberList>(),
    Entry::of::<member_invite::MemberInvite>(),
    Entry::of::<member_edit::MemberEdit>(),
    Entry::of::<member_role::MemberRole>(),
    Entry::of::<member_remove::MemberRemove>(),
    Entry::of::<policy_show::PolicyShow>(),
    Entry::of::<policy_set::PolicySet>(),
    Entry::of::<retention_show::RetentionShow>(),
    Entry::of::<retention_set::RetentionSet>(),
    Entry::of::<retention_run::RetentionRun>(),
    Entry::of::<retention_purge::RetentionPurge>(),
    Entry::of::<memory_erase::MemoryErase>(),
    Entry::of::<operation_list::OperationList>(),
    Entry::of::<operation_show::OperationShow>(),
    Entry::of::<activity_verify::ActivityVerify>(),
    Entry::of::<activity_export::ActivityExport>(),
    Entry::of::<author_quarantine::AuthorQuarantine>(),
    Entry::of::<author_release::AuthorRelease>(),
    Entry::of::<author_roll_back::AuthorRollBack>(),
    Entry::of::<export::Export>(),
    Entry::of::<import::Import>(),
];

/// The operation of a name or of one of its aliases.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.spec.name == name || entry.spec.aliases.contains(&name))
}

/// The name of the operation that somebody most likely meant, if any comes near.
#[must_use]
pub fn nearest(given: &str) -> Option<&'static str> {
    if let Some(name) = find(given).map(|entry| entry.spec.name).or_else(|| names::operation(given))
    {
        return Some(name);
    }
    let given = given.trim().to_lowercase().replace(['-', ' ', '.'], "_");
    let names = CATALOGUE.iter().map(|entry| entry.spec.name);
    let (steps, name) = names.map(|name| (distance(&given, name), name)).min()?;
    // A third of the letters: further off, it would be a guess.
    (steps * 3 <= name.len()).then_some(name)
}
