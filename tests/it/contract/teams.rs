//! What a team has decided about itself.

use memoranda::identity::actor::{Trust, TrustPolicy};
use memoranda::identity::guard::Policy;
use memoranda::store::Store;
use memoranda::store::teams::Policies;

use super::team::{Caller, Team};

contract! {
    a_new_team_trusts_new_agents_and_refuses_secrets,
    policies_are_what_they_were_set_to,
    policies_are_what_sign_in_finds,
    the_policies_of_another_team_stay,
}

const STRICT: Policies =
    Policies { trust: TrustPolicy::Approval, secrets: Policy::Redact, allows_self_approval: true };

async fn policies(caller: &Caller) -> Policies {
    caller.read(|tx, permit| tx.policies(permit)).await.expect("reads")
}

async fn set(caller: &Caller, policies: Policies) {
    caller.write(move |tx, permit| tx.set_policies(permit, policies)).await.expect("set");
}

async fn a_new_team_trusts_new_agents_and_refuses_secrets(store: &Store) {
    let team = Team::new(store, "north").await;

    let first = Policies {
        trust: TrustPolicy::Automatic,
        secrets: Policy::Reject,
        allows_self_approval: false,
    };
    assert_eq!(policies(&team.owner()).await, first);
}

async fn policies_are_what_they_were_set_to(store: &Store) {
    let owner = Team::new(store, "north").await.owner();

    for secrets in [Policy::Redact, Policy::Allow, Policy::Reject] {
        for trust in [TrustPolicy::Approval, TrustPolicy::Automatic] {
            for allows_self_approval in [true, false] {
                let next = Policies { trust, secrets, allows_self_approval };
                set(&owner, next).await;

                assert_eq!(policies(&owner).await, next);
            }
        }
    }
}

async fn policies_are_what_sign_in_finds(store: &Store) {
    let team = Team::new(store, "north").await;
    let id = team.add_key(team.new_key("build")).await;

    set(&team.owner(), STRICT).await;

    let key = store.sign_in(move |tx| tx.key_for_sign_in(id)).await.expect("reads");
    let key = key.expect("there");
    assert_eq!((key.new_agents, key.secrets), (Trust::Pending, Policy::Redact));
    let local = store.sign_in(|tx| tx.local_team()).await.expect("reads").expect("there");
    assert_eq!(local.secrets, Policy::Redact);
}

async fn the_policies_of_another_team_stay(store: &Store) {
    let (north, south) = (Team::new(store, "north").await, Team::new(store, "south").await);
    let before = policies(&south.owner()).await;

    set(&north.owner(), STRICT).await;

    assert_eq!(policies(&south.owner()).await, before);
}
