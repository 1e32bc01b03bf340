// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice Takes deposits of validators and logs them in the layout that EIP-6110 reads. It keeps no Merkle tree and
/// checks no deposit data root: since the consensus layer reads the logs, nothing here needs either.
contract DepositContract {
    uint256 public depositCount; // slot 0

    event DepositEvent(
        bytes pubkey, bytes withdrawal_credentials, bytes amount, bytes signature, bytes index
    );

    function deposit(
        bytes calldata pubkey,
        bytes calldata withdrawal_credentials,
        bytes calldata signature,
        bytes32 /* deposit_data_root */
    ) external payable {
        require(pubkey.length == 48, "Deposit: pubkey length");
        require(withdrawal_credentials.length == 32, "Deposit: credentials length");
        require(signature.length == 96, "Deposit: signature length");
        require(msg.value >= 1 ether, "Deposit: too little");
        require(msg.value % 1 gwei == 0, "Deposit: not whole gwei");
        uint256 amount = msg.value / 1 gwei;
        require(amount <= type(uint64).max, "Deposit: too much");

        bytes memory index = _littleEndian(uint64(depositCount++));
        emit DepositEvent(pubkey, withdrawal_credentials, _littleEndian(uint64(amount)), signature, index);
    }

    function _littleEndian(uint64 value) private pure returns (bytes memory text) {
        text = new bytes(8);
        for (uint256 i = 0; i < 8; i++) text[i] = bytes1(uint8(value >> (8 * i)));
    }
}
