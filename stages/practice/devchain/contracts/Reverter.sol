// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice Fails in every way there is, below a chosen number of inner calls. Where there is no REVERT (before
/// Byzantium) each of them costs all gas of its frame and says nothing.
contract Reverter {
    /// @dev Gas for each call that may take all it is given.
    uint256 internal constant BOUNDED_GAS = 50_000;

    uint256 public caughtCount; // slot 0
    /// @dev Never seen above zero: whoever writes it fails afterwards.
    uint256 public lostWrites; // slot 1
    uint256[] private alwaysEmpty; // slot 2

    error Refused(uint256 code, address at);

    event Caught(uint256 depth, bytes data);

    // The inner calls below never return, so what follows them is reached at depth 0 only.

    function reason(uint256 depth, string calldata why) external {
        if (depth > 0) this.reason(depth - 1, why);
        lostWrites++;
        revert(why);
    }

    function custom(uint256 depth, uint256 code) external {
        if (depth > 0) this.custom(depth - 1, code);
        lostWrites++;
        revert Refused(code, address(this));
    }

    /// @param kind 0 assertion, 1 overflow, 2 division by zero, 3 index out of bounds, 4 pop of an empty array.
    function panic(uint256 depth, uint256 kind) external {
        if (depth > 0) this.panic(depth - 1, kind);
        lostWrites++;
        if (kind == 0) assert(depth > 0);
        if (kind == 1) depth - 1;
        if (kind == 2) 1 / depth;
        if (kind == 3) alwaysEmpty[depth];
        if (kind == 4) alwaysEmpty.pop();
        revert("Reverter: unknown kind");
    }

    function empty(uint256 depth) external {
        if (depth > 0) this.empty(depth - 1);
        lostWrites++;
        revert();
    }

    /// @dev Inner frames get bounded gas, as INVALID takes all of it. At depth 0 the caller should bound it.
    function invalid(uint256 depth) external {
        if (depth > 0) this.invalid{gas: depth * BOUNDED_GAS}(depth - 1);
        lostWrites++;
        assembly {
            invalid()
        }
    }

    /// @notice Survives a failure at every level.
    /// @param kind As for `panic`; 5 reason, 6 custom error, 7 no data, 8 INVALID.
    function caught(uint256 depth, uint256 kind) external {
        bytes memory data = _attempt(_failing(depth, kind));
        caughtCount++;
        emit Caught(depth, data);
        if (depth > 0) this.caught(depth - 1, kind);
    }

    /// @notice Computes until the gas is gone.
    function burn(uint256 loops) external pure returns (uint256 result) {
        for (uint256 i = 0; i < loops; i++) result = mulmod(result + i % 7, i | 1, type(uint128).max);
    }

    /// @return data What the failing call answered; nothing here, as it cannot be had before Byzantium.
    function _attempt(bytes memory call) internal virtual returns (bytes memory data) {
        (bool ok,) = address(this).call{gas: BOUNDED_GAS}(call);
        assert(!ok);
        return data;
    }

    function _failing(uint256 depth, uint256 kind) private pure returns (bytes memory) {
        if (kind == 5) return abi.encodeCall(Reverter.reason, (0, "Reverter: as ordered"));
        if (kind == 6) return abi.encodeCall(Reverter.custom, (0, depth));
        if (kind == 7) return abi.encodeCall(Reverter.empty, (0));
        if (kind == 8) return abi.encodeCall(Reverter.invalid, (0));
        return abi.encodeCall(Reverter.panic, (0, kind));
    }
}
