//! What EIP-7702 has granted before the first frame.

use alloy_evm::Database;
use alloy_evm::eth::EthEvmContext;
use revm::context::{Cfg, ContextTr, JournalEntry, JournalTr};
use revm::inspector::JournalExt;

/// The refund for authorizations whose authority existed. It is to be asked for when the root frame opens: until then
/// only authorizations change code.
pub(super) fn refund<DB: Database>(context: &EthEvmContext<DB>) -> i64 {
    // EIP-2780 charges as it goes and refunds nothing.
    if context.cfg().is_amsterdam_eip2780_enabled() {
        return 0;
    }
    let entries = context.journal().journal();
    let refunded = (0..entries.len()).filter(|at| is_refunded(context, entries, *at)).count();
    let each = context.cfg().gas_params().tx_eip7702_auth_refund_regular();
    each.saturating_mul(refunded as u64) as i64
}

/// Whether the entry is of an authorization whose authority existed before it: in the state, or since something earlier in
/// the transaction. What makes an account exist touches it, so an authorization that touches it first does.
fn is_refunded<DB: Database>(context: &EthEvmContext<DB>, entries: &[JournalEntry], at: usize) -> bool {
    let JournalEntry::CodeChange { address, .. } = entries[at] else { return false };
    let touches = matches!(at.checked_sub(1).map(|before| &entries[before]),
        Some(JournalEntry::AccountTouched { address: touched }) if *touched == address);
    let is_new = context.journal().evm_state().get(&address).is_some_and(|a| a.is_loaded_as_not_existing());
    !(touches && is_new)
}
