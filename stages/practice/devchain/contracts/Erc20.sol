// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice What the calls of one token to another need.
interface IErc20 {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @notice The bookkeeping of a fungible token. How it is logged is up to the token: see the functions without body.
abstract contract Erc20Ledger {
    mapping(address account => uint256) public balanceOf; // slot 0
    mapping(address owner => mapping(address spender => uint256)) public allowance; // slot 1
    uint256 public totalSupply; // slot 2

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        _logApproval(msg.sender, spender, amount);
        return true;
    }

    /// @dev An allowance of 2^256 - 1 is infinite: it is not reduced.
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            require(allowed >= amount, "ERC20: allowance too low");
            unchecked {
                allowance[from][msg.sender] = allowed - amount;
            }
        }
        _move(from, to, amount);
        return true;
    }

    function _move(address from, address to, uint256 amount) internal {
        uint256 balance = balanceOf[from];
        require(balance >= amount, "ERC20: balance too low");
        // No sum overflows: all balances together are totalSupply, which _create checks.
        unchecked {
            balanceOf[from] = balance - amount;
            balanceOf[to] += amount;
        }
        _logTransfer(from, to, amount);
    }

    function _create(address to, uint256 amount) internal {
        totalSupply += amount;
        unchecked {
            balanceOf[to] += amount;
        }
        _logTransfer(address(0), to, amount);
    }

    function _destroy(address from, uint256 amount) internal {
        uint256 balance = balanceOf[from];
        require(balance >= amount, "ERC20: balance too low");
        unchecked {
            balanceOf[from] = balance - amount;
            totalSupply -= amount;
        }
        _logTransfer(from, address(0), amount);
    }

    function _logTransfer(address from, address to, uint256 amount) internal virtual;
    function _logApproval(address owner, address spender, uint256 amount) internal virtual;
}

/// @notice The ledger with the events that ERC-20 demands.
abstract contract Erc20Token is Erc20Ledger {
    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    function _logTransfer(address from, address to, uint256 amount) internal override {
        emit Transfer(from, to, amount);
    }

    function _logApproval(address owner, address spender, uint256 amount) internal override {
        emit Approval(owner, spender, amount);
    }
}

/// @notice An ordinary token that anybody may mint.
contract Erc20 is Erc20Token {
    string public name; // slot 3
    string public symbol; // slot 4
    uint8 public decimals; // slot 5

    constructor(string memory name_, string memory symbol_, uint8 decimals_, uint256 supply) {
        name = name_;
        symbol = symbol_;
        decimals = decimals_;
        _create(msg.sender, supply);
    }

    function mint(address to, uint256 amount) external {
        _create(to, amount);
    }

    function burn(uint256 amount) external {
        _destroy(msg.sender, amount);
    }
}

/// @notice A token as some were written before the standard had settled: names are bytes32, event arguments are all
/// in the data. The events have the same topic 0 as the ordinary ones, so decoders must count the topics.
contract UnindexedErc20 is Erc20Ledger {
    bytes32 public name; // slot 3
    bytes32 public symbol; // slot 4
    uint8 public constant decimals = 18;

    event Transfer(address from, address to, uint256 amount);
    event Approval(address owner, address spender, uint256 amount);

    constructor(bytes32 name_, bytes32 symbol_, uint256 supply) {
        name = name_;
        symbol = symbol_;
        _create(msg.sender, supply);
    }

    function mint(address to, uint256 amount) external {
        _create(to, amount);
    }

    function burn(uint256 amount) external {
        _destroy(msg.sender, amount);
    }

    function _logTransfer(address from, address to, uint256 amount) internal override {
        emit Transfer(from, to, amount);
    }

    function _logApproval(address owner, address spender, uint256 amount) internal override {
        emit Approval(owner, spender, amount);
    }
}
