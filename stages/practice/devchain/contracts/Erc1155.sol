// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {decimal} from "./Decimal.sol";

interface IErc1155Receiver {
    function onERC1155Received(address operator, address from, uint256 id, uint256 amount, bytes calldata data)
        external
        returns (bytes4);
    function onERC1155BatchReceived(
        address operator,
        address from,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        bytes calldata data
    ) external returns (bytes4);
}

/// @notice Many fungible tokens in one contract, which anybody may mint.
contract Erc1155 {
    mapping(uint256 id => mapping(address account => uint256)) private balances; // slot 0
    mapping(address owner => mapping(address operator => bool)) public isApprovedForAll; // slot 1

    event TransferSingle(
        address indexed operator, address indexed from, address indexed to, uint256 id, uint256 amount
    );
    event TransferBatch(
        address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] amounts
    );
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);

    error BalanceTooLow(uint256 id, uint256 balance, uint256 amount);
    error LengthsDiffer(uint256 ids, uint256 amounts);
    error NotApproved(address owner, address caller);
    error UnsafeReceiver(address to);

    function balanceOf(address account, uint256 id) external view returns (uint256) {
        return balances[id][account];
    }

    function mintBatch(address to, uint256[] calldata ids, uint256[] calldata amounts) external {
        _checkBatch(to, ids, amounts);
        for (uint256 i = 0; i < ids.length; i++) balances[ids[i]][to] += amounts[i];
        emit TransferBatch(msg.sender, address(0), to, ids, amounts);
        _askBatch(address(0), to, ids, amounts, "");
    }

    function setApprovalForAll(address operator, bool approved) external {
        isApprovedForAll[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes calldata data) external {
        if (to == address(0)) revert UnsafeReceiver(to);
        _checkCaller(from);
        _move(from, to, id, amount);
        emit TransferSingle(msg.sender, from, to, id, amount);
        if (to.code.length == 0) return;
        bytes4 answer = IErc1155Receiver(to).onERC1155Received(msg.sender, from, id, amount, data);
        if (answer != IErc1155Receiver.onERC1155Received.selector) revert UnsafeReceiver(to);
    }

    function safeBatchTransferFrom(
        address from,
        address to,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        bytes calldata data
    ) external {
        _checkBatch(to, ids, amounts);
        _checkCaller(from);
        for (uint256 i = 0; i < ids.length; i++) _move(from, to, ids[i], amounts[i]);
        emit TransferBatch(msg.sender, from, to, ids, amounts);
        _askBatch(from, to, ids, amounts, data);
    }

    function uri(uint256 id) external pure returns (string memory) {
        return string.concat("https://items.example/", decimal(id), ".json");
    }

    /// @dev ERC-165, ERC-1155 and its metadata extension.
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0xd9b67a26 || id == 0x0e89341c;
    }

    function _checkCaller(address from) private view {
        if (msg.sender != from && !isApprovedForAll[from][msg.sender]) revert NotApproved(from, msg.sender);
    }

    function _checkBatch(address to, uint256[] calldata ids, uint256[] calldata amounts) private pure {
        if (to == address(0)) revert UnsafeReceiver(to);
        if (ids.length != amounts.length) revert LengthsDiffer(ids.length, amounts.length);
    }

    function _move(address from, address to, uint256 id, uint256 amount) private {
        uint256 balance = balances[id][from];
        if (balance < amount) revert BalanceTooLow(id, balance, amount);
        balances[id][from] = balance - amount;
        balances[id][to] += amount;
    }

    function _askBatch(
        address from,
        address to,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        bytes memory data
    ) private {
        if (to.code.length == 0) return;
        bytes4 answer = IErc1155Receiver(to).onERC1155BatchReceived(msg.sender, from, ids, amounts, data);
        if (answer != IErc1155Receiver.onERC1155BatchReceived.selector) revert UnsafeReceiver(to);
    }
}
