# Configuration of the lit suite.  Features: shared-data (real models beside the
# repository), python-env (numpy, onnx, onnxruntime, jsonschema), protoc.
import os
import shutil

import lit.formats

config.name = "nmc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".onnxtxt", ".py"]
config.excludes = ["lit.cfg.py", "lit.site.cfg.py", "Inputs", "Models", "oracle", "unit", "bench"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.nmc_binary_dir, "test")

# Debian's unversioned FileCheck is another release's: LLVM's own first.
path = [os.path.join(config.nmc_binary_dir, "bin"), config.llvm_tools_dir]
config.environment["PATH"] = os.pathsep.join(path + [config.environment.get("PATH", os.environ["PATH"])])
config.environment["NO_COLOR"] = "1"
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions.append(("%models", os.path.join(config.nmc_source_dir, "test", "Models")))
config.substitutions.append(("%source", config.nmc_source_dir))
config.substitutions.append(("%build", config.nmc_binary_dir))
config.substitutions.append(("%shared", config.nmc_shared_data))
config.substitutions.append(("%flatc", config.nmc_flatc))
config.substitutions.append(("%llvm-lib-dir", config.mlir_runner_lib_dir))
if os.path.isdir(config.nmc_shared_data):
    config.available_features.add("shared-data")
python = os.path.join(config.nmc_venv, "bin", "python")
if os.path.exists(python):
    config.available_features.add("python-env")
config.substitutions.append(("%python", python))
if shutil.which("protoc"):
    config.available_features.add("protoc")
# All 10,000 images take minutes under sanitizers, which look for other faults.
config.substitutions.append(("%mnist-samples", "1000" if config.nmc_sanitize else "10000"))
if config.nmc_sanitize:
    config.available_features.add("sanitizer")
    # libMLIR is not instrumented: memory that our inlined allocators poison, its
    # own copies of them do not unpoison.
    options = config.environment.get("ASAN_OPTIONS")
    config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0" + (":" + options if options else "")

# NMC_TEST_ROUNDTRIP=1 runs every nmc-opt with --verify-roundtrip.
if os.environ.get("NMC_TEST_ROUNDTRIP"):
    config.name = "nmc-roundtrip"
    config.available_features.add("roundtrip")
    config.substitutions.append((r"\bnmc-opt\b(?!.*--verify-roundtrip)", "nmc-opt --verify-roundtrip"))
