//! The ENUMs of the tables.

use crate::columns::Label;

macro_rules! labels {
    ($(#[$doc:meta])* $label:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $label { $($(#[$variant_doc])* $variant,)* }

        impl $label {
            /// Every one, in the order of the ENUM.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in the ENUM.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        impl Label for $label {
            fn name(self) -> &'static str {
                $label::name(self)
            }
        }
    };
}

labels! {
    /// What a trace row is about.
    TraceType {
        /// A message call.
        Call = "call",
        /// A contract creation.
        Create = "create",
        /// `SELFDESTRUCT`.
        Suicide = "suicide",
        /// A mining reward.
        Reward = "reward",
        /// A balance of the genesis state.
        Genesis = "genesis",
        /// An account that the DAO fork emptied.
        DaoFork = "daofork",
    }
}

labels! {
    /// The instruction that opened a frame.
    CallType {
        /// `CALL`, or the transaction itself.
        Call = "call",
        /// `CALLCODE`.
        CallCode = "callcode",
        /// `DELEGATECALL`.
        DelegateCall = "delegatecall",
        /// `STATICCALL`.
        StaticCall = "staticcall",
        /// `CREATE`, or a creation transaction.
        Create = "create",
        /// `CREATE2`.
        Create2 = "create2",
    }
}

labels! {
    /// What a reward is for.
    RewardType {
        /// The block itself, with its share for the ommers it includes.
        Block = "block",
        /// An ommer; "uncle" is parity's word.
        Uncle = "uncle",
    }
}

labels! {
    /// The cause of a movement of ether.
    TransferType {
        /// A transaction's own value.
        Transaction = "transaction",
        /// A call below the root.
        Call = "call",
        /// A creation below the root.
        Create = "create",
        /// A self-destruct.
        Suicide = "suicide",
        /// What a self-destruct destroyed.
        Burn = "burn",
        /// Proof of work's reward for a block.
        Reward = "reward",
        /// Proof of work's reward for an ommer.
        OmmerReward = "ommer_reward",
        /// A validator's withdrawal.
        Withdrawal = "withdrawal",
        /// A balance of the genesis state.
        Genesis = "genesis",
        /// An account that the DAO fork emptied.
        DaoFork = "daofork",
        /// A system call.
        System = "system",
    }
}

labels! {
    /// What an address is in a transaction.
    Relationship {
        /// The recipient of the block's fees.
        MinerFee = "miner_fee",
        /// The sender of the transaction.
        TxFrom = "tx_from",
        /// The recipient of the transaction, or the contract that it created.
        TxTo = "tx_to",
        /// The account that made a call.
        CallFrom = "call_from",
        /// The account whose code was called.
        CallTo = "call_to",
        /// The account that created a contract.
        Factory = "factory",
        /// A contract that was created.
        Create = "create",
        /// A contract that destroyed itself.
        Suicide = "suicide",
        /// The account that received the balance of a destroyed contract.
        SuicideRefund = "suicide_refund",
        /// The contract that wrote a log.
        Log = "log",
        /// The sender of ERC-20 tokens.
        Erc20TransferFrom = "erc20_transfer_from",
        /// The recipient of ERC-20 tokens.
        Erc20TransferTo = "erc20_transfer_to",
        /// The sender of an ERC-721 token.
        Erc721TransferFrom = "erc721_transfer_from",
        /// The recipient of an ERC-721 token.
        Erc721TransferTo = "erc721_transfer_to",
        /// The sender of ERC-1155 tokens.
        Erc1155TransferFrom = "erc1155_transfer_from",
        /// The recipient of ERC-1155 tokens.
        Erc1155TransferTo = "erc1155_transfer_to",
        /// The miner of the block or of one of its ommers.
        Author = "author",
        /// The recipient of a validator's withdrawal.
        Withdrawal = "withdrawal",
    }
}
