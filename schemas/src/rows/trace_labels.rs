//! The ENUMs of `traces`.

use crate::columns::Label;

macro_rules! labels {
    ($(#[$doc:meta])* $label:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
