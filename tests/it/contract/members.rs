//! Members: invited, active, removed, and one owner always.

use memoranda::core::clock::Timestamp;
use memoranda::core::error::{Code, Error, Result};
use memoranda::core::id::MemberId;
use memoranda::identity::actor::{Actor, Credential};
use memoranda::identity::member::Standing;
use memoranda::identity::role::Role;
use memoranda::store::Store;
use memoranda::store::member_sign_in::SignInMember;
use memoranda::store::members::{MemberRow, NewMember};

use super::team::{Caller, Team, at};

contract! {
    a_team_begins_with_one_active_owner,
    an_invited_member_is_listed_after_those_before_it,
    an_email_is_taken_once_in_a_team,
    two_teams_may_have_a_member_of_one_email,
    a_member_of_another_team_is_not_there,
    name_and_email_are_changed_and_the_email_must_be_free,
    a_removed_member_keeps_its_record_and_frees_its_email,
    an_invitation_leads_to_its_member_until_it_is_taken_up,
    an_invitation_of_a_removed_member_leads_nowhere,
    joining_makes_an_invited_member_active_and_nobody_else,
    a_member_is_found_by_email_in_its_team,
    without_a_team_an_email_is_looked_for_in_the_only_one,
    a_member_who_signed_in_acts_until_role_password_or_standing_changes,
    an_invited_or_removed_member_does_not_act,
    the_local_owner_is_an_active_one,
    of_two_owners_who_demote_each_other_one_stays,
    of_two_who_remove_each_other_one_stays,
}

fn new(team: &Team, email: &str, role: Role) -> NewMember {
    NewMember {
        id: team.next_id(),
        display_name: email.to_uppercase(),
        email: email.to_owned(),
        role,
        invitation_hash: format!("the hash for {email} of {}", team.slug),
        invited_until: at(1_000),
        created_at: at(1),
    }
}

async fn add(team: &Team, member: NewMember) -> Option<MemberId> {
    let id = member.id;
    let added = team.owner().write(move |tx, permit| tx.add_member(permit, &member)).await;
    added.expect("writes").then_some(id)
}

async fn invite(team: &Team, email: &str, role: Role) -> MemberId {
    add(team, new(team, email, role)).await.expect("the e-mail is free")
}

/// A member with a password, who may act.
async fn joined(store: &Store, team: &Team, email: &str, role: Role) -> MemberId {
    let (team_id, id) = (team.id, invite(team, email, role).await);
    store.first_use(move |tx| tx.join(team_id, id, "a hash", at(2))).await.expect("joins");
    id
}

async fn remove(team: &Team, id: MemberId) {
    let owner = team.owner();
    let removed = owner.write(move |tx, permit| tx.remove_member(permit, id, at(3))).await;
    removed.expect("removed");
}

async fn member(team: &Team, id: MemberId) -> Option<MemberRow> {
    team.owner().read(move |tx, permit| tx.member(permit, id)).await.expect("reads")
}

async fn for_sign_in(store: &Store, team: &Team, id: MemberId) -> SignInMember {
    let team = team.id;
    let row = store.sign_in(move |tx| tx.member_for_sign_in(team, id)).await.expect("reads");
    row.expect("there")
}

async fn of_email(store: &Store, team: Option<&str>, email: &str) -> Option<MemberId> {
    let (team, email) = (team.map(str::to_owned), email.to_owned());
    let found = store.sign_in(move |tx| tx.member_of_email(team.as_deref(), &email)).await;
    found.expect("reads").map(|row| row.id)
}

async fn of_invitation(store: &Store, hash: &str) -> Option<MemberId> {
    let hash = hash.to_owned();
    let found = store.sign_in(move |tx| tx.member_of_invitation(&hash)).await;
    found.expect("reads").map(|row| row.id)
}

/// The member in person, as it stands now.
async fn in_person(store: &Store, team: &Team, id: MemberId) -> Caller {
    let row = for_sign_in(store, team, id).await;
    let mut caller = team.owner().in_role(row.role);
    caller.principal.actor = Actor { agent: None, member: Some(id) };
    caller.principal.credential = Credential::Member { id, change_number: row.change_number };
    caller
}

async fn a_team_begins_with_one_active_owner(store: &Store) {
    let team = Team::new(store, "north").await;

    let members = team.owner().read(|tx, permit| tx.members(permit)).await.expect("reads");

    let owner = MemberRow {
        id: team.owner,
        display_name: "Owner".to_owned(),
        email: None,
        role: Role::Owner,
        standing: Standing::Active,
        invited_until: None,
        created_at: at(0),
        joined_at: None,
        removed_at: None,
    };
    assert_eq!(members, [owner]);
}

async fn an_invited_member_is_listed_after_those_before_it(store: &Store) {
    let team = Team::new(store, "north").await;

    let id = invite(&team, "ada@example.org", Role::Editor).await;

    let members = team.owner().read(|tx, permit| tx.members(permit)).await.expect("reads");
    let ada = MemberRow {
        id,
        display_name: "ADA@EXAMPLE.ORG".to_owned(),
        email: Some("ada@example.org".to_owned()),
        role: Role::Editor,
        standing: Standing::Invited,
        invited_until: Some(at(1_000)),
        created_at: at(1),
        joined_at: None,
        removed_at: None,
    };
    assert_eq!((members.len(), &members[1]), (2, &ada));
    assert_eq!(member(&team, id).await, Some(ada));
}

async fn an_email_is_taken_once_in_a_team(store: &Store) {
    let team = Team::new(store, "north").await;
    invite(&team, "ada@example.org", Role::Editor).await;

    let again = new(&team, "ada@example.org", Role::Viewer);
    let again = NewMember { invitation_hash: "another".to_owned(), ..again };

    assert_eq!(add(&team, again).await, None);
    assert_eq!(of_invitation(store, "another").await, None);
}

async fn two_teams_may_have_a_member_of_one_email(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);

    let here = invite(&north, "ada@example.org", Role::Editor).await;
    let there = invite(&south, "ada@example.org", Role::Editor).await;

    assert_eq!(of_email(store, Some("north"), "ada@example.org").await, Some(here));
    assert_eq!(of_email(store, Some("south"), "ada@example.org").await, Some(there));
}

async fn a_member_of_another_team_is_not_there(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let id = invite(&north, "ada@example.org", Role::Editor).await;
    let before = member(&north, id).await.expect("there");

    let renamed = MemberRow { display_name: "Eve".to_owned(), ..before.clone() };
    let owner = south.owner();
    let tried = owner.write(move |tx, permit| {
        tx.describe_member(permit, &renamed)?;
        tx.set_member_role(permit, id, Role::Owner)?;
        tx.remove_member(permit, id, at(3))
    });
    tried.await.expect("changes nothing");

    assert_eq!(member(&south, id).await, None);
    assert_eq!(member(&north, id).await, Some(before));
    let members = south.owner().read(|tx, permit| tx.members(permit)).await.expect("reads");
    assert_eq!(members.len(), 1);
}

async fn name_and_email_are_changed_and_the_email_must_be_free(store: &Store) {
    let team = Team::new(store, "north").await;
    let id = invite(&team, "ada@example.org", Role::Editor).await;
    invite(&team, "bo@example.org", Role::Editor).await;
    let mut ada = member(&team, id).await.expect("there");
    let describe = async |row: MemberRow| {
        let owner = team.owner();
        owner.write(move |tx, permit| tx.describe_member(permit, &row)).await.expect("writes")
    };

    (ada.display_name, ada.email) = ("Ada".to_owned(), Some("ada@example.net".to_owned()));
    let (free, taken) = (
        describe(ada.clone()).await,
        describe(MemberRow { email: Some("bo@example.org".to_owned()), ..ada.clone() }).await,
    );

    assert_eq!((free, taken), (true, false));
    assert_eq!(member(&team, id).await, Some(ada));
}

async fn a_removed_member_keeps_its_record_and_frees_its_email(store: &Store) {
    let team = Team::new(store, "north").await;
    let id = joined(store, &team, "ada@example.org", Role::Editor).await;

    remove(&team, id).await;

    let row = member(&team, id).await.expect("the record stays");
    assert_eq!((row.standing, row.email, row.removed_at), (Standing::Removed, None, Some(at(3))));
    assert_eq!(for_sign_in(store, &team, id).await.password_hash, None);
    assert_eq!(of_email(store, None, "ada@example.org").await, None);
    invite(&team, "ada@example.org", Role::Editor).await;
}

async fn an_invitation_leads_to_its_member_until_it_is_taken_up(store: &Store) {
    let team = Team::new(store, "north").await;
    let new = new(&team, "ada@example.org", Role::Editor);
    let (id, hash, team_id) = (new.id, new.invitation_hash.clone(), team.id);
    add(&team, new).await.expect("free");
    assert_eq!(of_invitation(store, &hash).await, Some(id));

    store.first_use(move |tx| tx.join(team_id, id, "a hash", at(2))).await.expect("joins");

    assert_eq!(of_invitation(store, &hash).await, None);
    assert_eq!(of_invitation(store, "").await, None);
}

async fn an_invitation_of_a_removed_member_leads_nowhere(store: &Store) {
    let team = Team::new(store, "north").await;
    let new = new(&team, "ada@example.org", Role::Editor);
    let (id, hash) = (new.id, new.invitation_hash.clone());
    add(&team, new).await.expect("free");

    remove(&team, id).await;

    assert_eq!(of_invitation(store, &hash).await, None);
}

async fn joining_makes_an_invited_member_active_and_nobody_else(store: &Store) {
    let team = Team::new(store, "north").await;
    let ada = invite(&team, "ada@example.org", Role::Editor).await;
    let bo = invite(&team, "bo@example.org", Role::Editor).await;
    let (team_id, removed) = (team.id, invite(&team, "cleo@example.org", Role::Editor).await);
    remove(&team, removed).await;

    for id in [ada, removed] {
        store.first_use(move |tx| tx.join(team_id, id, "a hash", at(4))).await.expect("runs");
    }

    let row = member(&team, ada).await.expect("there");
    assert_eq!((row.standing, row.joined_at), (Standing::Active, Some(at(4))));
    assert_eq!(row.invited_until, None::<Timestamp>);
    let sign_in = for_sign_in(store, &team, ada).await;
    assert_eq!(sign_in.password_hash.as_deref(), Some("a hash"));
    assert_eq!(member(&team, bo).await.map(|row| row.standing), Some(Standing::Invited));
    assert_eq!(member(&team, removed).await.map(|row| row.standing), Some(Standing::Removed));
    assert_eq!(for_sign_in(store, &team, removed).await.password_hash, None);
}

async fn a_member_is_found_by_email_in_its_team(store: &Store) {
    let (north, _south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let id = joined(store, &north, "ada@example.org", Role::Editor).await;

    assert_eq!(of_email(store, Some("north"), "ada@example.org").await, Some(id));
    assert_eq!(of_email(store, Some("south"), "ada@example.org").await, None);
    assert_eq!(of_email(store, Some("north"), "bo@example.org").await, None);
}

async fn without_a_team_an_email_is_looked_for_in_the_only_one(store: &Store) {
    let north = Team::new(store, "north").await;
    let id = joined(store, &north, "ada@example.org", Role::Editor).await;
    assert_eq!(of_email(store, None, "ada@example.org").await, Some(id));

    Team::new(store, "south").await;

    assert_eq!(of_email(store, None, "ada@example.org").await, None);
}

async fn refusal(caller: &Caller) -> Option<Code> {
    caller.read(|tx, permit| tx.count_memories(permit)).await.err().map(|error| error.code())
}

async fn a_member_who_signed_in_acts_until_role_password_or_standing_changes(store: &Store) {
    let team = Team::new(store, "north").await;
    let (team_id, id) = (team.id, joined(store, &team, "ada@example.org", Role::Editor).await);

    for change in 0..3 {
        let ada = in_person(store, &team, id).await;
        assert_eq!(refusal(&ada).await, None);
        match change {
            0 => {
                let set = store.first_use(move |tx| tx.set_password(team_id, id, "another hash"));
                set.await.expect("set");
            }
            1 => {
                let owner = team.owner();
                let set =
                    owner.write(move |tx, permit| tx.set_member_role(permit, id, Role::Viewer));
                set.await.expect("set");
            }
            _ => remove(&team, id).await,
        }

        assert_eq!(refusal(&ada).await, Some(Code::Unauthenticated), "change {change}");
    }
}

async fn an_invited_or_removed_member_does_not_act(store: &Store) {
    let team = Team::new(store, "north").await;
    let id = invite(&team, "ada@example.org", Role::Editor).await;
    assert_eq!(refusal(&in_person(store, &team, id).await).await, Some(Code::Unauthenticated));

    remove(&team, id).await;

    assert_eq!(refusal(&in_person(store, &team, id).await).await, Some(Code::Unauthenticated));
}

async fn the_local_owner_is_an_active_one(store: &Store) {
    let team = Team::new(store, "north").await;
    invite(&team, "waits@example.org", Role::Owner).await;
    let other = joined(store, &team, "ada@example.org", Role::Owner).await;

    remove(&team, team.owner).await;

    let local = store.sign_in(|tx| tx.local_team()).await.expect("reads").expect("a team");
    assert_eq!(local.owner, other);
}

/// How many rounds a race is run.
const ROUNDS: usize = 100;

/// Lets two owners take each other's place away at once, many times; one always stays.
async fn race(store: &Store, is_removal: bool) {
    let team = Team::new(store, "north").await;
    let mut one = team.owner;
    for round in 0..ROUNDS {
        let two = joined(store, &team, &format!("{round}@example.org"), Role::Owner).await;
        let take = async |whose: MemberId| -> Result<()> {
            // By a credential that lives on: it is the check alone that keeps one.
            let owner = team.owner();
            let taken = owner.write(move |tx, permit| {
                if !tx.has_other_owner(permit, whose)? {
                    return Err(Error::new(Code::Conflict, "the last owner"));
                }
                if is_removal {
                    return tx.remove_member(permit, whose, at(3));
                }
                tx.set_member_role(permit, whose, Role::Admin)
            });
            taken.await
        };

        let (first, second) = tokio::join!(take(two), take(one));

        let taken = [&first, &second].iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(taken, 1, "round {round}: {first:?} {second:?}");
        let members = team.owner().read(|tx, permit| tx.members(permit)).await.expect("reads");
        let is_owner =
            |row: &&MemberRow| row.role == Role::Owner && row.standing == Standing::Active;
        let owners: Vec<MemberId> = members.iter().filter(is_owner).map(|row| row.id).collect();
        assert_eq!(owners, [if first.is_ok() { one } else { two }], "round {round}");
        one = owners[0];
    }
}

async fn of_two_owners_who_demote_each_other_one_stays(store: &Store) {
    race(store, false).await;
}

async fn of_two_who_remove_each_other_one_stays(store: &Store) {
    race(store, true).await;
}
