//! Who a participant of a conference is.

use call::{AccountId, Address, ConferenceId, ParticipantId};
use identity::Participant;

use crate::{
    commands::{Outcome, error},
    contract::{Answer, ErrorCode, ProofState},
    core::Core,
};

impl Core {
    /// States with the account's key that a participant is its user.
    pub(crate) fn prove(
        &self,
        account: AccountId,
        conference: ConferenceId,
        participant: ParticipantId,
    ) -> Outcome {
        let own = self.own_account(account)?;
        let key = &own.running().ok_or_else(|| error(ErrorCode::KeyStore))?.key;
        let address = &own.row.address;
        let proof = key.prove(&Participant { conference, participant, address });
        proof.map(|proof| Answer::Proof { proof }).map_err(|_| error(ErrorCode::BadKey))
    }

    /// How a participant's proof stands to what is known of its address.
    pub(crate) fn check_proof(
        &self,
        account: AccountId,
        conference: ConferenceId,
        participant: ParticipantId,
        address: &Address,
        proof: &str,
    ) -> Outcome {
        let own = self.own_account(account)?;
        let key = if own.row.address == *address {
            // The user's other devices have the same key.
            own.running().map(|running| running.key.public())
        } else {
            self.pins.pinned(account, address)
        };
        let state = key.map_or(ProofState::Unknown, |key| {
            let proven = key.proves(&Participant { conference, participant, address }, proof);
            if proven { ProofState::Proven } else { ProofState::Changed }
        });
        Ok(Answer::Proven { state })
    }
}
