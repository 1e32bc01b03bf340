// Compiles the contracts and prints compiled.json. scripts/contracts.sh calls it with the path of the compiler.
"use strict";
const fs = require("fs");
const path = require("path");

const TARGETS = { legacy: "homestead", modern: "cancun" };
// No metadata after the code: bytes depend on sources and compiler only.
const SETTINGS = {
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
};

// The files that a target is compiled from; those in modern/ use what Homestead does not have.
function sourcesOf(target) {
  const folders = target === "modern" ? ["", "modern/"] : [""];
  const sources = {};
  for (const folder of folders) {
    const names = fs.readdirSync(path.join(__dirname, folder)).filter((name) => name.endsWith(".sol"));
    for (const name of names.sort()) {
      sources[folder + name] = { content: fs.readFileSync(path.join(__dirname, folder, name), "utf8") };
    }
  }
  return sources;
}

// Creation code by contract name. A contract in modern/ replaces the one of the same name.
function compile(compiler, target) {
  const input = {
    language: "Solidity",
    sources: sourcesOf(target),
    settings: { ...SETTINGS, evmVersion: TARGETS[target], outputSelection: { "*": { "*": ["evm.bytecode.object"] } } },
  };
  const run = compiler.cwrap("solidity_compile", "string", ["string", "number", "number"]);
  const output = JSON.parse(run(JSON.stringify(input), 0, 0));
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));

  const codes = {};
  const modernLast = Object.keys(output.contracts).sort((a, b) => a.startsWith("modern/") - b.startsWith("modern/"));
  for (const file of modernLast) {
    for (const [name, contract] of Object.entries(output.contracts[file])) {
      const code = contract.evm.bytecode.object;
      if (code !== "") codes[name] = "0x" + code; // Interfaces and abstract contracts have none.
    }
  }
  return codes;
}

function main(soljson) {
  const compiler = require(path.resolve(soljson));
  const contracts = {};
  for (const target of Object.keys(TARGETS)) {
    for (const [name, code] of Object.entries(compile(compiler, target))) {
      (contracts[name] ??= {})[target] = code;
    }
  }
  const sorted = Object.fromEntries(Object.keys(contracts).sort().map((name) => [name, contracts[name]]));
  const solc = compiler.cwrap("solidity_version", "string", [])();
  console.log(JSON.stringify({ solc, settings: { ...SETTINGS, evmVersion: TARGETS }, contracts: sorted }, null, 2));
}

try {
  main(process.argv[2]);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
