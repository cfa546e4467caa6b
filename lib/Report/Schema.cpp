//===- Schema.cpp - The report's schema -----------------------------------===//
//
// JSON Schema, draft 2020-12.  The names and units of KPIs come from the
// registry; everything else stands here beside the writer in Report.cpp.
//
//===----------------------------------------------------------------------===//
#include "nmc/Report/Report.h"

#include "llvm/Support/raw_ostream.h"

using namespace nmc;
using namespace nmc::report;

static constexpr StringLiteral head = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "nmc-report-1.0.schema.json",
  "title": "nmc report: one model on one target with one set of inputs",
  "type": "object",
  "required": ["schema", "schema_version", "run", "model", "target", "input", "status", "diagnostics", "kpis", "accuracy_curve", "layers", "cores", "resources", "step", "assumptions"],
  "additionalProperties": false,
  "properties": {
    "schema": {"const": "nmc.report"},
    "schema_version": {"type": "string", "pattern": "^1\\.\\d+\\.\\d+$"},
    "run": {
      "type": "object",
      "required": ["id", "tool", "tool_version", "seed"],
      "additionalProperties": false,
      "properties": {
        "id": {"type": "string", "pattern": "^[0-9a-f]{12}$", "description": "the same for equal runs"},
        "tool": {"type": "string"},
        "tool_version": {"type": "string"},
        "level": {"enum": ["count", "mapped", "event"]},
        "seed": {"type": "integer"},
        "pipeline": {"type": "string", "description": "textual pass pipeline"},
        "options": {"type": "array", "items": {
          "type": "object", "required": ["name", "value"], "additionalProperties": false,
          "properties": {"name": {"type": "string"}, "value": {"type": "string"}}}}
      }
    },
    "model": {
      "type": "object",
      "required": ["name", "path", "format", "sha256"],
      "additionalProperties": false,
      "properties": {
        "name": {"type": "string"},
        "path": {"type": "string"},
        "format": {"enum": ["onnx", "nir", "net", "mlir"]},
        "sha256": {"$ref": "#/$defs/sha256"},
        "ir_version": {"type": "integer"},
        "opset": {"type": "object", "additionalProperties": {"type": "integer"}},
        "parameters": {"type": "integer", "minimum": 0},
        "macs_dense": {"type": "integer", "minimum": 0},
        "layers": {"type": "integer", "minimum": 0}
      }
    },
    "target": {
      "type": "object",
      "required": ["name", "sha256"],
      "additionalProperties": false,
      "properties": {
        "name": {"type": "string"},
        "path": {"type": "string"},
        "sha256": {"$ref": "#/$defs/sha256", "description": "of the resolved description, overrides applied"},
        "cost_profile": {"type": "string"},
        "execution_profile": {"type": "string"},
        "overrides": {"type": "array", "items": {"type": "string"}}
      }
    },
    "input": {
      "type": "object",
      "required": ["kind", "samples"],
      "additionalProperties": false,
      "properties": {
        "kind": {"enum": ["npz", "npy", "idx", "csv", "onnx", "events", "nirdata", "rates", "uniform-rate", "none"]},
        "name": {"type": "string"},
        "path": {"type": "string"},
        "sha256": {"$ref": "#/$defs/sha256"},
        "samples": {"type": "integer", "minimum": 0},
        "labels": {"type": "boolean"},
        "timesteps": {"type": "integer", "minimum": 1},
        "encoding": {"type": "string"}
      }
    },
    "status": {"enum": ["ok", "partial", "does_not_fit", "unsupported", "failed"]},
    "mapping": {
      "type": "object",
      "required": ["cores", "chips"],
      "additionalProperties": false,
      "properties": {
        "solver": {"type": "string"},
        "cores": {"type": "integer", "minimum": 0},
        "chips": {"type": "integer", "minimum": 0},
        "cores_bound": {"type": "integer", "minimum": 0, "description": "no mapping needs fewer"},
        "gap": {"type": "number", "minimum": 0, "description": "largest relative distance to its lower bound"},
        "time_limited": {"type": "boolean"}
      }
    },
    "diagnostics": {"type": "array", "items": {"$ref": "#/$defs/diagnostic"}},
    "kpis": {"type": "array", "items": {"$ref": "#/$defs/kpi"}},
    "accuracy_curve": {
      "type": "array",
      "description": "accuracy against steps, with the spikes that it costs",
      "items": {
        "type": "object",
        "required": ["steps", "samples"],
        "additionalProperties": false,
        "properties": {
          "steps": {"type": "integer", "minimum": 1},
          "accuracy": {"type": "number", "minimum": 0, "maximum": 1},
          "spikes_per_inference": {"type": "number", "minimum": 0},
          "synops_per_inference": {"type": "number", "minimum": 0},
          "samples": {"type": "integer", "minimum": 0}
        }
      }
    },
    "layers": {"type": "array", "items": {"$ref": "#/$defs/layer"}},
    "cores": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["chip", "core", "populations"],
        "additionalProperties": false,
        "properties": {
          "chip": {"type": "integer", "minimum": 0},
          "core": {"type": "integer", "minimum": 0},
          "populations": {"type": "array", "items": {"type": "string"}},
          "neurons": {"type": "number", "minimum": 0},
          "energy_J": {"type": "number"},
          "energy_low_J": {"type": "number"},
          "energy_high_J": {"type": "number"},
          "time_per_step_s": {"type": "number"},
          "time_per_step_low_s": {"type": "number"},
          "time_per_step_high_s": {"type": "number"},
          "bound_by": {"$ref": "#/$defs/bound"}
        }
      }
    },
    "resources": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["resource", "scope", "used", "available", "unit"],
        "additionalProperties": false,
        "properties": {
          "resource": {"type": "string"},
          "scope": {"enum": ["chip", "core, mean", "core, worst"]},
          "used": {"type": "number", "minimum": 0},
          "available": {"type": "number", "minimum": 0},
          "unit": {"type": "string"},
          "at": {"type": "string", "description": "which core"}
        }
      }
    },
    "step": {
      "type": "array",
      "description": "what the time per step is made of, largest first",
      "items": {
        "type": "object",
        "required": ["bound_by", "time_s", "time_low_s", "time_high_s"],
        "additionalProperties": false,
        "properties": {
          "bound_by": {"$ref": "#/$defs/bound"},
          "what": {"type": "string"},
          "time_s": {"type": "number", "minimum": 0},
          "time_low_s": {"type": "number", "minimum": 0},
          "time_high_s": {"type": "number", "minimum": 0}
        }
      }
    },
    "assumptions": {
      "type": "array",
      "description": "cost values that the results rest on",
      "items": {
        "type": "object",
        "required": ["parameter", "value", "low", "high", "unit", "kind", "provenance"],
        "additionalProperties": false,
        "properties": {
          "parameter": {"type": "string"},
          "value": {"type": "number"},
          "low": {"type": "number"},
          "high": {"type": "number"},
          "unit": {"type": "string"},
          "kind": {"enum": ["incremental", "operating_point", "static"]},
          "provenance": {"enum": ["measured", "fitted", "simulated", "published", "vendor_claim", "scaled", "estimated", "assumed", "recalled"]},
          "source": {"type": "string"}
        }
      }
    }
  },
  "$defs": {
    "sha256": {"type": "string", "pattern": "^([0-9a-f]{64})?$"},
    "bound": {"enum": ["neuron_stage", "synapse_stage", "link", "barrier", "io", "timestep_minimum"]},
    "breakdown": {
      "type": "array",
      "description": "terms that add up to the value",
      "items": {
        "type": "object",
        "required": ["term", "value", "low", "high"],
        "additionalProperties": false,
        "properties": {"term": {"type": "string"}, "value": {"type": "number"}, "low": {"type": "number"}, "high": {"type": "number"}}
      }
    },
    "diagnostic": {
      "type": "object",
      "required": ["severity", "message"],
      "additionalProperties": false,
      "properties": {
        "severity": {"enum": ["note", "warning", "error"]},
        "rule": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
        "message": {"type": "string"},
        "location": {"type": "string"},
        "layer": {"type": "string"},
        "hint": {"type": "string"},
        "resource": {"type": "string"},
        "required": {"type": "number"},
        "available": {"type": "number"},
        "unit": {"type": "string"}
      }
    },
    "layer": {
      "type": "object",
      "required": ["name", "op", "cores", "neurons", "synapses"],
      "additionalProperties": false,
      "properties": {
        "name": {"type": "string"},
        "op": {"type": "string"},
        "location": {"type": "string"},
        "cores": {"type": "integer", "minimum": 0},
        "neurons": {"type": "integer", "minimum": 0},
        "synapses": {"type": "integer", "minimum": 0},
        "weight_B": {"type": "number", "minimum": 0},
        "spikes_in": {"type": "number", "minimum": 0},
        "spikes_out": {"type": "number", "minimum": 0},
        "rate_per_step": {"type": "number", "minimum": 0},
        "synops": {"type": "number", "minimum": 0},
        "synops_dense": {"type": "number", "minimum": 0},
        "updates": {"type": "number", "minimum": 0},
        "energy_J": {"type": "number"},
        "energy_low_J": {"type": "number"},
        "energy_high_J": {"type": "number"},
        "breakdown": {"$ref": "#/$defs/breakdown"},
        "latency_s": {"type": "number"},
        "latency_low_s": {"type": "number"},
        "latency_high_s": {"type": "number"},
        "bound_by": {"$ref": "#/$defs/bound"}
      }
    },
    "kpi": {
      "type": "object",
      "required": ["name", "unit", "mode"],
      "additionalProperties": false,
      "oneOf": [{"required": ["value", "low", "high"]}, {"required": ["unavailable"]}],
      "properties": {
        "name": {"type": "string"},
        "value": {"type": "number"},
        "low": {"type": "number"},
        "high": {"type": "number"},
        "unavailable": {"type": "string", "minLength": 1, "description": "the reason; never a zero for what is unknown"},
        "unit": {"type": "string"},
        "mode": {"enum": ["predicted", "simulated", "measured"]},
        "per": {"enum": ["inference", "timestep", "second", "chip", "model", "mapping"]},
        "aggregation": {"type": "string"},
        "samples": {"type": "integer", "minimum": 0},
        "scope": {"type": "string", "description": "what is inside the number"},
        "note": {"type": "string"},
        "breakdown": {"$ref": "#/$defs/breakdown"}
      },
      "anyOf": [
)json";

static constexpr StringLiteral tail = R"json(
      ]
    }
  }
}
)json";

void report::printReportSchema(raw_ostream &os) {
  os << head;
  llvm::interleave(
      cost::getKpis(), os,
      [&](const cost::KpiInfo &info) {
        os << "        {\"properties\": {\"name\": {\"const\": \"" << info.name
           << "\"}, \"unit\": {\"const\": \"" << info.unit << "\"}}}";
      },
      ",\n");
  os << tail;
}
