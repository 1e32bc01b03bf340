//! The functions of the contracts in `contracts/` that transactions call.
#![allow(missing_docs, unreachable_pub, reason = "written by the macro")]

alloy::sol! {
    interface Erc20 {
        constructor(string name, string symbol, uint8 decimals, uint256 supply);
        function transfer(address to, uint256 amount);
        function approve(address spender, uint256 amount);
        function transferFrom(address from, address to, uint256 amount);
        function mint(address to, uint256 amount);
        function burn(uint256 amount);
        function balanceOf(address owner);
    }
}

alloy::sol! {
    interface Erc721 {
        function mint(address to);
        function transferFrom(address from, address to, uint256 id);
    }

    interface Erc1155 {
        function mintBatch(address to, uint256[] ids, uint256[] amounts);
        function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes data);
        function safeBatchTransferFrom(address from, address to, uint256[] ids, uint256[] amounts, bytes data);
    }

    interface PairFactory {
        function createPair(address tokenA, address tokenB);
    }

    interface Router {
        function addLiquidity(address tokenA, address tokenB, uint256 amountA, uint256 amountB, address to);
        function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline);
    }

    interface Vault {
        function deposit();
        function withdraw(uint256 amount);
        function upgradeTo(address implementation);
    }

    interface Factory {
        function create(uint256 seed);
    }

    interface Create2Factory {
        function deploy(bytes32 salt, uint256 seed);
        function deployAndDestroy(bytes32 salt, address beneficiary);
    }

    interface Child {
        function touch();
    }

    interface Mortal {
        function destroy(address beneficiary);
    }

    interface Reverter {
        function reason(uint256 depth, string why);
        function custom(uint256 depth, uint256 code);
        function panic(uint256 depth, uint256 kind);
        function empty(uint256 depth);
        function invalid(uint256 depth);
        function caught(uint256 depth, uint256 kind);
        function burn(uint256 loops);
    }

    interface Splitter {
        function split(address[] to);
        function relay(address[] hops);
    }

    interface Precompiles {
        function probe(address precompile, bytes input);
        function probeMany(address[] precompiles, bytes[] inputs);
    }

    interface BatchWallet {
        struct Call {
            address to;
            uint256 value;
            bytes data;
        }

        function execute(Call[] calls);
    }

    interface Multicall {
        function aggregate(address[] targets, bytes[] data);
    }

    interface Worker {
        function run(uint256 seed, uint256 loops, uint256 reads, uint256 writes, uint256 hashes, uint256 logs);
    }

    interface Inbox {
        function post(bytes batch);
        function postBlobs(uint256 count);
    }

    interface DepositContract {
        function deposit(bytes pubkey, bytes withdrawal_credentials, bytes signature, bytes32 deposit_data_root);
    }

    interface DeepRecursion {
        function recurse(uint256 depth);
    }

    interface CallLoop {
        function run(address target, uint256 calls, uint256 inputBytes);
    }

    interface Spinner {
        function spin(uint256 loops);
    }

    interface Bloater {
        function bloat(uint256 start, uint256 count);
    }

    interface Sweeper {
        function sweep(uint256 start, uint256 count);
    }

    interface Scatter {
        function scatter(uint256 start, uint256 count);
    }
}
