//! Constantinople as it was before Petersburg took EIP-1283 out again.
//!
//! Mainnet never ran it (both forks came at block 7,280,000), testnets and test chains did. revm has dropped it, so the
//! block runs by the rules of Petersburg with the storage gas of [EIP-1283](https://eips.ethereum.org/EIPS/eip-1283),
//! which is that of EIP-2200 (Istanbul) at the old price of a read and without its stipend rule.

use alloy_evm::eth::EthEvmContext;
use alloy_evm::{Database as EvmDatabase, EvmEnv};
use revm::bytecode::opcode::SSTORE;
use revm::context::CfgEnv;
use revm::context_interface::cfg::gas_params::{GasId, GasParams};
use revm::handler::instructions::EthInstructions;
use revm::interpreter::instructions::host::sstore_with_gas_accounting;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::{Host, Instruction, InstructionContext, InstructionResult};
use revm::primitives::hardfork::SpecId;

/// Gas of EIP-1283: a no-op or dirty write costs as much as a read, a first write 5,000 or 20,000 in all.
const NO_OP: u64 = 200;
const SET: u64 = 20_000;
const RESET: u64 = 5_000;
const CLEAR_REFUND: u64 = 15_000;

/// Sets the rules of Petersburg with the storage prices of EIP-1283.
pub(crate) fn set_rules(env: &mut EvmEnv<SpecId>) {
    let mut prices = GasParams::new_spec(SpecId::PETERSBURG);
    prices.override_gas([
        (GasId::sstore_static(), NO_OP),
        (GasId::sstore_set_without_load_cost(), SET - NO_OP),
        (GasId::sstore_reset_without_cold_load_cost(), RESET - NO_OP),
        (GasId::sstore_set_refund(), SET - NO_OP),
        (GasId::sstore_reset_refund(), RESET - NO_OP),
        (GasId::sstore_clearing_slot_refund(), CLEAR_REFUND),
    ]);
    env.cfg_env = CfgEnv::new_with_spec(SpecId::PETERSBURG).with_chain_id(env.cfg_env.chain_id);
    env.cfg_env.set_gas_params(prices);
}

/// Replaces SSTORE by one that charges by the slot's original value.
pub(crate) fn set_instructions<DB: EvmDatabase>(
    instructions: &mut EthInstructions<EthInterpreter, EthEvmContext<DB>>,
) {
    instructions.insert_instruction(SSTORE, Instruction::new(sstore), 0);
}

fn sstore<H: Host + ?Sized>(cx: InstructionContext<'_, H, EthInterpreter>) -> Result<(), InstructionResult> {
    sstore_with_gas_accounting(cx, |cx, _, slot| {
        let prices = cx.host.gas_params();
        let (cost, refund) = (prices.sstore_dynamic_gas(true, slot, false), prices.sstore_refund(true, slot));
        if !cx.interpreter.gas.record_regular_cost(cost) {
            return Err(InstructionResult::OutOfGas);
        }
        cx.interpreter.gas.record_refund(refund);
        Ok(())
    })
}
