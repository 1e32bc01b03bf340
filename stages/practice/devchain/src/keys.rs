//! Accounts that can sign, derived from the seed.

use alloy::consensus::crypto::secp256k1::{public_key_to_address, sign_message};
use alloy::primitives::{Address, B256, Signature, keccak256};
use rayon::prelude::*;
use secp256k1::{PublicKey, SECP256K1, SecretKey};

use crate::error::DevchainError;

/// A private key with its address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    secret: B256,
    pub(crate) address: Address,
}

impl Key {
    /// The key with this index; each seed has its own.
    fn derive(seed: u64, index: u64) -> Result<Self, DevchainError> {
        let mut source = b"blockmill devchain key".to_vec();
        source.extend(seed.to_be_bytes());
        source.extend(index.to_be_bytes());
        let secret = keccak256(source);
        let key = SecretKey::from_byte_array(&secret.0).map_err(DevchainError::Sign)?;
        let address = public_key_to_address(PublicKey::from_secret_key(SECP256K1, &key));
        Ok(Self { secret, address })
    }

    /// The first `count` keys of a seed.
    pub(crate) fn derive_all(seed: u64, count: usize) -> Result<Vec<Self>, DevchainError> {
        (0..count as u64).into_par_iter().map(|index| Self::derive(seed, index)).collect()
    }

    /// Signs a hash; the nonce is that of RFC 6979, so that the signature is always the same.
    pub(crate) fn sign(&self, hash: B256) -> Result<Signature, DevchainError> {
        sign_message(self.secret, hash).map_err(DevchainError::Sign)
    }
}
