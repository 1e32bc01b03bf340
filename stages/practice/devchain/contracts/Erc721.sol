// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {decimal} from "./Decimal.sol";

interface IErc721Receiver {
    function onERC721Received(address operator, address from, uint256 id, bytes calldata data)
        external
        returns (bytes4);
}

/// @notice Non-fungible tokens, numbered from 1, that anybody may mint.
contract Erc721 {
    mapping(uint256 id => address) private _owners; // slot 0
    mapping(address owner => uint256) private _balances; // slot 1
    uint256 public nextId = 1; // slot 2
    mapping(uint256 id => address) private _approved; // slot 3
    mapping(address owner => mapping(address operator => bool)) public isApprovedForAll; // slot 4
    string public name; // slot 5
    string public symbol; // slot 6

    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Approval(address indexed owner, address indexed approved, uint256 indexed id);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);

    error NoSuchToken(uint256 id);
    /// @dev The caller neither owns the token nor may act for its owner; or `from` is not its owner.
    error NotOwner(uint256 id, address caller);
    error UnsafeReceiver(address to);

    constructor(string memory name_, string memory symbol_) {
        name = name_;
        symbol = symbol_;
    }

    function mint(address to) external returns (uint256 id) {
        if (to == address(0)) revert UnsafeReceiver(to);
        id = nextId++;
        _owners[id] = to;
        _balances[to]++;
        emit Transfer(address(0), to, id);
    }

    function balanceOf(address owner) external view returns (uint256) {
        return _balances[owner];
    }

    function ownerOf(uint256 id) public view returns (address owner) {
        owner = _owners[id];
        if (owner == address(0)) revert NoSuchToken(id);
    }

    function getApproved(uint256 id) external view returns (address) {
        ownerOf(id);
        return _approved[id];
    }

    function approve(address to, uint256 id) external {
        address owner = ownerOf(id);
        if (msg.sender != owner && !isApprovedForAll[owner][msg.sender]) revert NotOwner(id, msg.sender);
        _approved[id] = to;
        emit Approval(owner, to, id);
    }

    function setApprovalForAll(address operator, bool approved) external {
        isApprovedForAll[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function transferFrom(address from, address to, uint256 id) public {
        address owner = ownerOf(id);
        bool allowed =
            msg.sender == owner || msg.sender == _approved[id] || isApprovedForAll[owner][msg.sender];
        if (from != owner || !allowed) revert NotOwner(id, msg.sender);
        if (to == address(0)) revert UnsafeReceiver(to);

        delete _approved[id];
        _balances[from]--;
        _balances[to]++;
        _owners[id] = to;
        emit Transfer(from, to, id);
    }

    function safeTransferFrom(address from, address to, uint256 id) external {
        safeTransferFrom(from, to, id, "");
    }

    function safeTransferFrom(address from, address to, uint256 id, bytes memory data) public {
        transferFrom(from, to, id);
        if (to.code.length == 0) return;
        bytes4 answer = IErc721Receiver(to).onERC721Received(msg.sender, from, id, data);
        if (answer != IErc721Receiver.onERC721Received.selector) revert UnsafeReceiver(to);
    }

    function tokenURI(uint256 id) external view returns (string memory) {
        ownerOf(id);
        return string.concat("https://nft.example/", symbol, "/", decimal(id));
    }

    /// @dev ERC-165, ERC-721 and its metadata extension.
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x80ac58cd || id == 0x5b5e139f;
    }
}
