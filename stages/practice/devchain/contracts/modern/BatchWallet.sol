// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IErc721Receiver} from "../Erc721.sol";
import {IErc1155Receiver} from "../Erc1155.sol";

/// @notice Executes several calls as one. Made to be delegated to (EIP-7702): the account then calls itself.
contract BatchWallet is IErc721Receiver, IErc1155Receiver {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    /// @dev The deployer of a wallet of its own; zero in the storage of an account that only delegates here.
    address public owner; // slot 0

    event Executed(uint256 count);

    error NotOwner(address caller);

    constructor() {
        owner = msg.sender;
    }

    receive() external payable {}

    /// @notice All calls succeed, or the first failure is handed on and none has happened.
    function execute(Call[] calldata calls) external payable {
        if (msg.sender != address(this) && msg.sender != owner) revert NotOwner(msg.sender);
        for (uint256 i = 0; i < calls.length; i++) {
            (bool ok, bytes memory answer) = calls[i].to.call{value: calls[i].value}(calls[i].data);
            if (!ok) {
                assembly {
                    revert(add(answer, 32), mload(answer))
                }
            }
        }
        emit Executed(calls.length);
    }

    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return IErc721Receiver.onERC721Received.selector;
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return IErc1155Receiver.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(address, address, uint256[] calldata, uint256[] calldata, bytes calldata)
        external
        pure
        returns (bytes4)
    {
        return IErc1155Receiver.onERC1155BatchReceived.selector;
    }
}
