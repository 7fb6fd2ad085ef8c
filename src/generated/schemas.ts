/* Made from schemas/*.json by `npm run generate`; do not edit. */
import type { Schema } from '../../schemas/kind.ts';

/** Every published schema, self-contained, by name; those that only live inside other records too. */
export const BUNDLED_SCHEMAS: Readonly<Record<string, Schema>> = {
  "BMC": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "BMC.json",
    "title": "BMC",
    "description": "A baseboard management controller: the small computer through which nodes are powered and watched.",
    "x-holdfast": {
      "key": "id",
      "naturalKeys": [
        "xname",
        "mac_address"
      ]
    },
    "type": "object",
    "additionalProperties": false,
    "required": [
      "username",
      "password",
      "mac_address"
    ],
    "properties": {
      "id": {
        "title": "ID",
        "description": "UUID of the BMC, made by the server.",
        "type": "string",
        "format": "uuid",
        "readOnly": true,
        "examples": [
          "0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11"
        ]
      },
      "xname": {
        "title": "xname",
        "description": "Location of the BMC as cabinet (at most 100000), chassis, slot and BMC (each at most 255); no two BMCs have the same, leading zeros aside.",
        "type": "string",
        "format": "xname-bmc",
        "pattern": "^x(\\d{3,5})c(\\d{1,3})s(\\d{1,3})b(\\d{1,3})$",
        "x-holdfast-unique": "xname",
        "examples": [
          "x3000c0s17b1"
        ]
      },
      "username": {
        "title": "User name",
        "description": "Name of the account with which the BMC is controlled.",
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "examples": [
          "operator"
        ]
      },
      "password": {
        "title": "Password",
        "description": "Password of that account, which is stored encrypted and never in an answer.",
        "type": "string",
        "minLength": 1,
        "maxLength": 1024,
        "writeOnly": true,
        "x-holdfast-secret": "password_set"
      },
      "password_set": {
        "title": "Password set",
        "description": "Whether a password is stored for the BMC; set by the server.",
        "type": "boolean",
        "readOnly": true
      },
      "mac_address": {
        "title": "MAC address",
        "description": "MAC address of the BMC on the management network, stored in lower case with colons; no two BMCs have the same.",
        "type": "string",
        "format": "mac-address",
        "pattern": "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$",
        "x-holdfast-unique": "mac",
        "examples": [
          "00:00:5e:00:53:b1"
        ]
      },
      "ipv4_address": {
        "title": "IPv4 address",
        "description": "IPv4 address of the BMC on the management network.",
        "type": "string",
        "format": "ipv4",
        "examples": [
          "192.0.2.177"
        ]
      },
      "ipv6_address": {
        "title": "IPv6 address",
        "description": "IPv6 address of the BMC on the management network, without a zone index.",
        "type": "string",
        "format": "ipv6",
        "examples": [
          "2001:db8::b1"
        ]
      },
      "description": {
        "title": "Description",
        "description": "Remark about the BMC, for people to read.",
        "type": "string",
        "maxLength": 4096,
        "examples": [
          "Replaced after the power failure of row 3."
        ]
      },
      "location_string": {
        "title": "Location",
        "description": "Where the BMC is, as an xname or in the site's own words.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "x3000c0s17b1",
          "Row 3, rack 12, unit 17"
        ]
      },
      "created_at": {
        "title": "Created at",
        "description": "Time at which the record was created, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "updated_at": {
        "title": "Updated at",
        "description": "Time of the last change to the record, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "revision": {
        "title": "Revision",
        "description": "Number that rises with every change to the record and is its ETag; set by the server.",
        "type": "integer",
        "minimum": 0,
        "maximum": 9007199254740991,
        "readOnly": true,
        "examples": [
          7
        ]
      }
    }
  },
  "Component": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "Component.json",
    "title": "Component",
    "description": "A component of the system at any level, from cabinet to memory, as the Hardware State Manager describes it.",
    "x-holdfast": {
      "key": "UID",
      "naturalKeys": [
        "ID"
      ]
    },
    "type": "object",
    "additionalProperties": false,
    "required": [
      "ID",
      "Type"
    ],
    "properties": {
      "UID": {
        "title": "UID",
        "description": "UUID of the component, made by the server.",
        "type": "string",
        "format": "uuid",
        "readOnly": true,
        "examples": [
          "0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11"
        ]
      },
      "ID": {
        "title": "xname",
        "description": "xname of the component, which says where it is; no two components have the same, leading zeros aside.",
        "type": "string",
        "format": "xname",
        "minLength": 1,
        "maxLength": 255,
        "x-holdfast-unique": "xname",
        "examples": [
          "x3000c0s17b1n0",
          "x1000c0r3",
          "d0"
        ]
      },
      "Type": {
        "title": "Type",
        "description": "What sort of component it is; INVALID stands for one that could not be told.",
        "type": "string",
        "enum": [
          "CDU",
          "CabinetCDU",
          "CabinetPDU",
          "CabinetPDUOutlet",
          "CabinetPDUPowerConnector",
          "CabinetPDUController",
          "Cabinet",
          "Chassis",
          "ChassisBMC",
          "CMMRectifier",
          "CMMFpga",
          "CEC",
          "ComputeModule",
          "RouterModule",
          "NodeBMC",
          "NodeEnclosure",
          "NodeEnclosurePowerSupply",
          "HSNBoard",
          "MgmtSwitch",
          "MgmtHLSwitch",
          "CDUMgmtSwitch",
          "Node",
          "VirtualNode",
          "Processor",
          "Drive",
          "StorageGroup",
          "NodeNIC",
          "Memory",
          "NodeAccel",
          "NodeAccelRiser",
          "NodeFpga",
          "HSNAsic",
          "RouterFpga",
          "RouterBMC",
          "HSNLink",
          "HSNConnector",
          "INVALID"
        ]
      },
      "Subtype": {
        "title": "Subtype",
        "description": "Finer sort within `Type`, in the site's own words.",
        "type": "string",
        "maxLength": 255
      },
      "Role": {
        "title": "Role",
        "description": "What the component is used for.",
        "type": "string",
        "enum": [
          "Compute",
          "Service",
          "System",
          "Application",
          "Storage",
          "Management"
        ]
      },
      "SubRole": {
        "title": "Subrole",
        "description": "Finer use within `Role`.",
        "type": "string",
        "enum": [
          "Master",
          "Worker",
          "Storage"
        ]
      },
      "NetType": {
        "title": "Network type",
        "description": "Sort of network to which the component is attached.",
        "type": "string",
        "enum": [
          "Sling",
          "Infiniband",
          "Ethernet",
          "OEM",
          "None"
        ]
      },
      "Arch": {
        "title": "Architecture",
        "description": "Processor architecture of the component.",
        "type": "string",
        "enum": [
          "X86",
          "ARM",
          "UNKNOWN",
          "Other"
        ]
      },
      "Class": {
        "title": "Class",
        "description": "Class of the hardware: River (air-cooled racks), Mountain (liquid-cooled cabinets), Hill (liquid-cooled chassis in racks) or Other.",
        "type": "string",
        "enum": [
          "River",
          "Mountain",
          "Hill",
          "Other"
        ]
      },
      "State": {
        "title": "State",
        "description": "State of the component: Unknown, Empty (nothing is there), Populated (present, not followed further), Off, On, Standby (no longer ready, heartbeat lost), Halt (no longer ready, stopped) or Ready (on and able to do its work).",
        "type": "string",
        "enum": [
          "Unknown",
          "Empty",
          "Populated",
          "Off",
          "On",
          "Standby",
          "Halt",
          "Ready"
        ]
      },
      "Flag": {
        "title": "Flag",
        "description": "Health of the component: Unknown, OK, Warning (works, but needs attention), Alert (does not work as expected) or Locked (reserved by another service).",
        "type": "string",
        "enum": [
          "Unknown",
          "OK",
          "Warning",
          "Alert",
          "Locked"
        ]
      },
      "Enabled": {
        "title": "Enabled",
        "description": "Whether the component may be used; a disabled one keeps its record.",
        "type": "boolean"
      },
      "SoftwareStatus": {
        "title": "Software status",
        "description": "State of the software on the component, in the words of whoever reports it.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "AdminStatus OK"
        ]
      },
      "NID": {
        "title": "Node ID",
        "description": "Number by which a workload manager knows the node.",
        "type": "integer",
        "minimum": 0,
        "maximum": 9007199254740991,
        "examples": [
          17
        ]
      },
      "ReservationDisabled": {
        "title": "Reservation disabled",
        "description": "Whether the component is barred from being reserved.",
        "type": "boolean"
      },
      "Locked": {
        "title": "Locked",
        "description": "Whether the component is locked against actions such as power or firmware changes.",
        "type": "boolean"
      },
      "created_at": {
        "title": "Created at",
        "description": "Time at which the record was created, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "updated_at": {
        "title": "Updated at",
        "description": "Time of the last change to the record, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "revision": {
        "title": "Revision",
        "description": "Number that rises with every change to the record and is its ETag; set by the server.",
        "type": "integer",
        "minimum": 0,
        "maximum": 9007199254740991,
        "readOnly": true,
        "examples": [
          7
        ]
      }
    }
  },
  "ComputeNode": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "ComputeNode.json",
    "title": "Compute node",
    "description": "A node of the site: what it is called, where it sits, how it boots and which BMC controls it.",
    "x-holdfast": {
      "key": "id",
      "naturalKeys": [
        "xname",
        "boot_mac"
      ],
      "aliases": [
        "nodes"
      ],
      "parameters": {
        "arch": "architecture",
        "bmc_mac": "bmc.mac_address",
        "missingIPV4": "missing=boot_ipv4_address",
        "missingIPV6": "missing=boot_ipv6_address",
        "missingXName": "missing=xname",
        "missingHostname": "missing=hostname",
        "missingArch": "missing=architecture",
        "missingBootMAC": "missing=boot_mac",
        "missingBMCMAC": "missing=bmc.mac_address"
      }
    },
    "type": "object",
    "additionalProperties": false,
    "required": [
      "hostname",
      "architecture"
    ],
    "properties": {
      "id": {
        "title": "ID",
        "description": "UUID of the node, made by the server.",
        "type": "string",
        "format": "uuid",
        "readOnly": true,
        "examples": [
          "0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11"
        ]
      },
      "hostname": {
        "title": "Host name",
        "description": "Host name of the node, which other nodes may have as well.",
        "type": "string",
        "minLength": 1,
        "maxLength": 253,
        "examples": [
          "nid000017"
        ]
      },
      "xname": {
        "title": "xname",
        "description": "Location of the node as cabinet (at most 100000), chassis, slot, BMC and node (each at most 255); no two nodes have the same, leading zeros aside.",
        "type": "string",
        "format": "xname-node",
        "pattern": "^x(\\d{3,5})c(\\d{1,3})s(\\d{1,3})b(\\d{1,3})n(\\d{1,3})$",
        "x-holdfast-unique": "xname",
        "examples": [
          "x3000c0s17b1n0"
        ]
      },
      "architecture": {
        "title": "Architecture",
        "description": "Processor architecture of the node, under the name by which the site selects images for it.",
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "examples": [
          "x86_64",
          "arm64"
        ]
      },
      "boot_mac": {
        "title": "Boot MAC address",
        "description": "MAC address of the interface from which the node boots, stored in lower case with colons; no two nodes have the same.",
        "type": "string",
        "format": "mac-address",
        "pattern": "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$",
        "x-holdfast-unique": "mac",
        "examples": [
          "00:00:5e:00:53:17"
        ]
      },
      "boot_ipv4_address": {
        "title": "Boot IPv4 address",
        "description": "IPv4 address that the node uses while it boots.",
        "type": "string",
        "format": "ipv4",
        "examples": [
          "192.0.2.17"
        ]
      },
      "boot_ipv6_address": {
        "title": "Boot IPv6 address",
        "description": "IPv6 address that the node uses while it boots, without a zone index.",
        "type": "string",
        "format": "ipv6",
        "examples": [
          "2001:db8::17"
        ]
      },
      "network_interfaces": {
        "title": "Network interfaces",
        "description": "Network interfaces of the node, in the order given.",
        "type": "array",
        "maxItems": 256,
        "items": {
          "$ref": "#/$defs/NetworkInterface"
        }
      },
      "bmc": {
        "$ref": "#/$defs/NodeBMC",
        "title": "BMC",
        "description": "The BMC that controls the node; a node that has an xname and no BMC gets the one that its xname implies."
      },
      "description": {
        "title": "Description",
        "description": "Remark about the node, for people to read.",
        "type": "string",
        "maxLength": 4096,
        "examples": [
          "Second memory bank replaced."
        ]
      },
      "boot_data": {
        "$ref": "#/$defs/BootData",
        "title": "Boot data",
        "description": "What the node boots."
      },
      "location_string": {
        "title": "Location",
        "description": "Where the node is, in the site's own words; when it is an xname, it names the same place as `xname`.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "x3000c0s17b1n0",
          "Row 3, rack 12, unit 17"
        ]
      },
      "spec": {
        "title": "Specification",
        "description": "The state that the node is meant to have.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "hostname": {
            "title": "Host name",
            "description": "Host name that the node is meant to have.",
            "type": "string",
            "maxLength": 253,
            "examples": [
              "nid000017"
            ]
          },
          "boot_mac": {
            "title": "Boot MAC address",
            "description": "MAC address of the interface from which the node is meant to boot, stored in lower case with colons.",
            "type": "string",
            "format": "mac-address",
            "pattern": "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$",
            "examples": [
              "00:00:5e:00:53:17"
            ]
          },
          "boot_ipv4_address": {
            "title": "Boot IPv4 address",
            "description": "IPv4 address that the node is meant to use while it boots.",
            "type": "string",
            "format": "ipv4",
            "examples": [
              "192.0.2.17"
            ]
          },
          "boot_ipv6_address": {
            "title": "Boot IPv6 address",
            "description": "IPv6 address that the node is meant to use while it boots, without a zone index.",
            "type": "string",
            "format": "ipv6",
            "examples": [
              "2001:db8::17"
            ]
          },
          "bmc_endpoint": {
            "title": "BMC endpoint",
            "description": "URL or address at which the BMC of the node is reached.",
            "type": "string",
            "maxLength": 2048,
            "examples": [
              "https://192.0.2.177/redfish/v1"
            ]
          },
          "bmc_username": {
            "title": "BMC user name",
            "description": "Name of the account with which the BMC is controlled.",
            "type": "string",
            "maxLength": 255,
            "examples": [
              "operator"
            ]
          },
          "bmc_password": {
            "title": "BMC password",
            "description": "Password of that account, which is stored encrypted and never in an answer.",
            "type": "string",
            "minLength": 1,
            "maxLength": 1024,
            "writeOnly": true,
            "x-holdfast-secret": "bmc_password_set"
          },
          "bmc_password_set": {
            "title": "BMC password set",
            "description": "Whether a password is stored for `bmc_username`; set by the server.",
            "type": "boolean",
            "readOnly": true
          },
          "network_interfaces": {
            "title": "Network interfaces",
            "description": "Network interfaces that the node is meant to have, in the order given.",
            "type": "array",
            "maxItems": 256,
            "items": {
              "$ref": "#/$defs/NetworkInterface"
            }
          },
          "boot_configuration": {
            "$ref": "#/$defs/BootData",
            "title": "Boot configuration",
            "description": "What the node is meant to boot."
          }
        }
      },
      "status": {
        "title": "Status",
        "description": "The state in which the node was last seen.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "power_state": {
            "title": "Power state",
            "description": "Whether the node had power when that was last looked at.",
            "type": "object",
            "additionalProperties": false,
            "properties": {
              "on": {
                "title": "On",
                "description": "Whether the node is powered on.",
                "type": "boolean"
              },
              "last_updated": {
                "title": "Last updated",
                "description": "Time at which the power state was last looked at, in UTC once stored.",
                "type": "string",
                "format": "date-time",
                "examples": [
                  "2026-11-22T02:10:00Z"
                ]
              }
            }
          },
          "boot_configuration": {
            "title": "Boot configuration",
            "description": "What the node booted when that was last looked at.",
            "type": "object",
            "additionalProperties": false,
            "properties": {
              "boot_data": {
                "$ref": "#/$defs/BootData",
                "title": "Boot data",
                "description": "What the node booted."
              },
              "last_updated": {
                "title": "Last updated",
                "description": "Time at which the boot configuration was last looked at, in UTC once stored.",
                "type": "string",
                "format": "date-time",
                "examples": [
                  "2026-11-22T02:10:00Z"
                ]
              }
            }
          },
          "network_interfaces": {
            "title": "Network interfaces",
            "description": "Network interfaces that were found in the node, in the order given.",
            "type": "array",
            "maxItems": 256,
            "items": {
              "$ref": "#/$defs/NetworkInterface"
            }
          },
          "extended_data": {
            "title": "Extended data",
            "description": "Whatever else was found out about the node, in any form, kept as given.",
            "type": "object",
            "additionalProperties": true,
            "maxProperties": 1024,
            "examples": [
              {
                "bios_version": "2.4.1",
                "dimm_count": 16
              }
            ]
          }
        }
      },
      "created_at": {
        "title": "Created at",
        "description": "Time at which the record was created, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "updated_at": {
        "title": "Updated at",
        "description": "Time of the last change to the record, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "revision": {
        "title": "Revision",
        "description": "Number that rises with every change to the record and is its ETag; set by the server.",
        "type": "integer",
        "minimum": 0,
        "maximum": 9007199254740991,
        "readOnly": true,
        "examples": [
          7
        ]
      }
    },
    "$defs": {
      "BootData": {
        "title": "Boot data",
        "description": "A kernel, its command line and the image that it starts.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "id": {
            "title": "ID",
            "description": "UUID of this set of boot data, chosen by the client.",
            "type": "string",
            "format": "uuid",
            "examples": [
              "0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11"
            ]
          },
          "kernel_url": {
            "title": "Kernel URL",
            "description": "URL from which the kernel is loaded.",
            "type": "string",
            "maxLength": 2048,
            "examples": [
              "http://boot.example.org/images/compute/vmlinuz"
            ]
          },
          "kernel_command_line": {
            "title": "Kernel command line",
            "description": "Parameters that are given to the kernel.",
            "type": "string",
            "maxLength": 8192,
            "examples": [
              "console=ttyS0,115200 root=live:http://boot.example.org/images/compute/rootfs"
            ]
          },
          "image_url": {
            "title": "Image URL",
            "description": "URL from which the image, or the initial RAM disk, is loaded.",
            "type": "string",
            "maxLength": 2048,
            "examples": [
              "http://boot.example.org/images/compute/initrd.img"
            ]
          }
        }
      },
      "NodeBMC": {
        "title": "BMC of a node",
        "description": "A copy of the BMC record. Given with xname or MAC it is matched to an existing BMC or makes a new one.",
        "type": "object",
        "additionalProperties": false,
        "anyOf": [
          {
            "required": [
              "id"
            ],
            "properties": {
              "id": true
            }
          },
          {
            "required": [
              "xname"
            ],
            "properties": {
              "xname": true
            }
          },
          {
            "required": [
              "mac_address"
            ],
            "properties": {
              "mac_address": true
            }
          }
        ],
        "properties": {
          "id": {
            "title": "ID",
            "description": "UUID of the BMC record, by which a client may name an existing BMC.",
            "type": "string",
            "format": "uuid",
            "readOnly": false,
            "examples": [
              "0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11"
            ]
          },
          "xname": {
            "title": "xname",
            "description": "Location of the BMC as cabinet (at most 100000), chassis, slot and BMC (each at most 255).",
            "type": "string",
            "format": "xname-bmc",
            "pattern": "^x(\\d{3,5})c(\\d{1,3})s(\\d{1,3})b(\\d{1,3})$",
            "examples": [
              "x3000c0s17b1"
            ]
          },
          "username": {
            "title": "User name",
            "description": "Name of the account with which the BMC is controlled.",
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "examples": [
              "operator"
            ]
          },
          "password": {
            "title": "Password",
            "description": "Password of that account, which is kept with the BMC record and never in the node or in an answer.",
            "type": "string",
            "minLength": 1,
            "maxLength": 1024,
            "writeOnly": true
          },
          "password_set": {
            "title": "Password set",
            "description": "Whether a password is stored for the BMC; set by the server.",
            "type": "boolean",
            "readOnly": true
          },
          "mac_address": {
            "title": "MAC address",
            "description": "MAC address of the BMC on the management network, stored in lower case with colons.",
            "type": "string",
            "format": "mac-address",
            "pattern": "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$",
            "examples": [
              "00:00:5e:00:53:b1"
            ]
          },
          "ipv4_address": {
            "title": "IPv4 address",
            "description": "IPv4 address of the BMC on the management network.",
            "type": "string",
            "format": "ipv4",
            "examples": [
              "192.0.2.177"
            ]
          },
          "ipv6_address": {
            "title": "IPv6 address",
            "description": "IPv6 address of the BMC on the management network, without a zone index.",
            "type": "string",
            "format": "ipv6",
            "examples": [
              "2001:db8::b1"
            ]
          },
          "description": {
            "title": "Description",
            "description": "Remark about the BMC, for people to read.",
            "type": "string",
            "maxLength": 4096,
            "examples": [
              "Replaced after the power failure of row 3."
            ]
          },
          "location_string": {
            "title": "Location",
            "description": "Where the BMC is, as an xname or in the site's own words.",
            "type": "string",
            "maxLength": 255,
            "examples": [
              "x3000c0s17b1",
              "Row 3, rack 12, unit 17"
            ]
          }
        }
      },
      "NetworkInterface": {
        "title": "Network interface",
        "description": "A network interface of a node, which has no record of its own but is part of the node's.",
        "type": "object",
        "additionalProperties": false,
        "required": [
          "interface_name",
          "mac_address"
        ],
        "properties": {
          "interface_name": {
            "title": "Interface name",
            "description": "Name of the interface as the operating system shows it.",
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "examples": [
              "eth0",
              "ib0"
            ]
          },
          "mac_address": {
            "title": "MAC address",
            "description": "MAC address of the interface, stored in lower case with colons.",
            "type": "string",
            "format": "mac-address",
            "pattern": "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$",
            "examples": [
              "00:00:5e:00:53:17"
            ]
          },
          "ipv4_address": {
            "title": "IPv4 address",
            "description": "IPv4 address of the interface.",
            "type": "string",
            "format": "ipv4",
            "examples": [
              "192.0.2.17"
            ]
          },
          "ipv6_address": {
            "title": "IPv6 address",
            "description": "IPv6 address of the interface, without a zone index.",
            "type": "string",
            "format": "ipv6",
            "examples": [
              "2001:db8::17"
            ]
          },
          "description": {
            "title": "Description",
            "description": "Remark about the interface, for people to read.",
            "type": "string",
            "maxLength": 4096,
            "examples": [
              "Uplink to the storage network."
            ]
          },
          "serial": {
            "title": "Serial number",
            "description": "Serial number of the network adapter.",
            "type": "string",
            "maxLength": 255,
            "examples": [
              "MT2116X04711"
            ]
          },
          "model": {
            "title": "Model",
            "description": "Model of the network adapter, as its manufacturer calls it.",
            "type": "string",
            "maxLength": 255,
            "examples": [
              "ConnectX-6"
            ]
          },
          "manufacturer": {
            "title": "Manufacturer",
            "description": "Manufacturer of the network adapter.",
            "type": "string",
            "maxLength": 255,
            "examples": [
              "Mellanox"
            ]
          },
          "firmware_version": {
            "title": "Firmware version",
            "description": "Version of the firmware that the network adapter runs.",
            "type": "string",
            "maxLength": 255,
            "examples": [
              "20.31.1014"
            ]
          },
          "extended_data": {
            "title": "Extended data",
            "description": "Whatever else is known about the interface, in any form, kept as given.",
            "type": "object",
            "additionalProperties": true,
            "maxProperties": 1024,
            "examples": [
              {
                "switch_port": "leaf-12/7",
                "speed_gbps": 200
              }
            ]
          }
        }
      }
    }
  },
  "NetworkInterface": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "NetworkInterface.json",
    "title": "Network interface",
    "description": "A network interface of a node, which has no record of its own but is part of the node's.",
    "x-holdfast": {
      "embedded": true
    },
    "type": "object",
    "additionalProperties": false,
    "required": [
      "interface_name",
      "mac_address"
    ],
    "properties": {
      "interface_name": {
        "title": "Interface name",
        "description": "Name of the interface as the operating system shows it.",
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "examples": [
          "eth0",
          "ib0"
        ]
      },
      "mac_address": {
        "title": "MAC address",
        "description": "MAC address of the interface, stored in lower case with colons.",
        "type": "string",
        "format": "mac-address",
        "pattern": "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$",
        "examples": [
          "00:00:5e:00:53:17"
        ]
      },
      "ipv4_address": {
        "title": "IPv4 address",
        "description": "IPv4 address of the interface.",
        "type": "string",
        "format": "ipv4",
        "examples": [
          "192.0.2.17"
        ]
      },
      "ipv6_address": {
        "title": "IPv6 address",
        "description": "IPv6 address of the interface, without a zone index.",
        "type": "string",
        "format": "ipv6",
        "examples": [
          "2001:db8::17"
        ]
      },
      "description": {
        "title": "Description",
        "description": "Remark about the interface, for people to read.",
        "type": "string",
        "maxLength": 4096,
        "examples": [
          "Uplink to the storage network."
        ]
      },
      "serial": {
        "title": "Serial number",
        "description": "Serial number of the network adapter.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "MT2116X04711"
        ]
      },
      "model": {
        "title": "Model",
        "description": "Model of the network adapter, as its manufacturer calls it.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "ConnectX-6"
        ]
      },
      "manufacturer": {
        "title": "Manufacturer",
        "description": "Manufacturer of the network adapter.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "Mellanox"
        ]
      },
      "firmware_version": {
        "title": "Firmware version",
        "description": "Version of the firmware that the network adapter runs.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "20.31.1014"
        ]
      },
      "extended_data": {
        "title": "Extended data",
        "description": "Whatever else is known about the interface, in any form, kept as given.",
        "type": "object",
        "additionalProperties": true,
        "maxProperties": 1024,
        "examples": [
          {
            "switch_port": "leaf-12/7",
            "speed_gbps": 200
          }
        ]
      }
    }
  },
  "NodeCollection": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "NodeCollection.json",
    "title": "Node collection",
    "description": "Nodes that belong together: a partition, a tenant's nodes, a job's nodes or any other set.",
    "x-holdfast": {
      "key": "id",
      "naturalKeys": [
        "name"
      ]
    },
    "type": "object",
    "additionalProperties": false,
    "required": [
      "name",
      "type",
      "nodes"
    ],
    "properties": {
      "id": {
        "title": "ID",
        "description": "UUID of the collection, made by the server.",
        "type": "string",
        "format": "uuid",
        "readOnly": true,
        "examples": [
          "0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11"
        ]
      },
      "name": {
        "title": "Name",
        "description": "Name of the collection, without control characters; no two collections have the same.",
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[^\\u0000-\\u001f\\u007f]+$",
        "x-holdfast-unique": "exact",
        "examples": [
          "Partition 1"
        ]
      },
      "type": {
        "title": "Type",
        "description": "What the collection is for: a node is in at most one partition and in at most one tenant, and in any number of ad-hoc and job collections.",
        "type": "string",
        "enum": [
          "ad-hoc",
          "tenant",
          "job",
          "partition"
        ]
      },
      "nodes": {
        "title": "Nodes",
        "description": "xnames of the nodes in the collection, at most 100000, of which some may not have a node yet.",
        "type": "array",
        "maxItems": 100000,
        "items": {
          "title": "Node",
          "description": "xname of one node.",
          "type": "string",
          "format": "xname-node",
          "pattern": "^x(\\d{3,5})c(\\d{1,3})s(\\d{1,3})b(\\d{1,3})n(\\d{1,3})$"
        },
        "examples": [
          [
            "x3000c0s17b1n0",
            "x3000c0s17b1n1"
          ]
        ]
      },
      "description": {
        "title": "Description",
        "description": "Remark about the collection, for people to read.",
        "type": "string",
        "maxLength": 4096,
        "examples": [
          "Nodes of the weather forecast."
        ]
      },
      "creator_subject": {
        "title": "Creator",
        "description": "Subject (`sub`) of the token with which the collection was created; set by the server.",
        "type": "string",
        "maxLength": 255,
        "readOnly": true,
        "examples": [
          "operator@example.org"
        ]
      },
      "cloud_init_data": {
        "title": "cloud-init data",
        "description": "cloud-init documents for the nodes of the collection, by name, each a text of at most 1048576 characters.",
        "type": "object",
        "additionalProperties": {
          "type": "string",
          "maxLength": 1048576
        },
        "maxProperties": 1024,
        "examples": [
          {
            "user-data": "#cloud-config\npackages:\n  - chrony\n"
          }
        ]
      },
      "created_at": {
        "title": "Created at",
        "description": "Time at which the record was created, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "updated_at": {
        "title": "Updated at",
        "description": "Time of the last change to the record, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "revision": {
        "title": "Revision",
        "description": "Number that rises with every change to the record and is its ETag; set by the server.",
        "type": "integer",
        "minimum": 0,
        "maximum": 9007199254740991,
        "readOnly": true,
        "examples": [
          7
        ]
      }
    }
  },
  "RedfishEndpoint": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "RedfishEndpoint.json",
    "title": "Redfish endpoint",
    "description": "A controller that answers Redfish requests, with what is needed to ask it and what came of asking.",
    "x-holdfast": {
      "key": "ID",
      "naturalKeys": [
        "ID"
      ]
    },
    "type": "object",
    "additionalProperties": false,
    "required": [
      "ID"
    ],
    "properties": {
      "ID": {
        "title": "xname",
        "description": "xname of the controller, chosen by the client; no two endpoints have the same, leading zeros aside.",
        "type": "string",
        "format": "xname",
        "minLength": 1,
        "maxLength": 255,
        "x-holdfast-unique": "xname",
        "examples": [
          "x3000c0s17b1",
          "x1000c0b0"
        ]
      },
      "Type": {
        "title": "Type",
        "description": "What sort of component the controller is, in the words of `Component.Type`.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "NodeBMC",
          "ChassisBMC",
          "RouterBMC"
        ]
      },
      "Name": {
        "title": "Name",
        "description": "Name of the endpoint, for people to read.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "BMC of the login node"
        ]
      },
      "Hostname": {
        "title": "Host name",
        "description": "First part of the fully qualified domain name, usually the xname.",
        "type": "string",
        "maxLength": 253,
        "examples": [
          "x3000c0s17b1"
        ]
      },
      "Domain": {
        "title": "Domain",
        "description": "The fully qualified domain name without its first part.",
        "type": "string",
        "maxLength": 253,
        "examples": [
          "bmc.example.org"
        ]
      },
      "FQDN": {
        "title": "FQDN",
        "description": "Fully qualified domain name of the endpoint on the management network.",
        "type": "string",
        "maxLength": 253,
        "examples": [
          "x3000c0s17b1.bmc.example.org"
        ]
      },
      "Enabled": {
        "title": "Enabled",
        "description": "Whether the endpoint may be asked; a disabled one keeps its record.",
        "type": "boolean"
      },
      "URI": {
        "title": "URI",
        "description": "URI of the Redfish service root.",
        "type": "string",
        "maxLength": 2048,
        "examples": [
          "https://192.0.2.177/redfish/v1"
        ]
      },
      "UUID": {
        "title": "UUID",
        "description": "UUID that the endpoint gives for itself.",
        "type": "string",
        "format": "uuid",
        "examples": [
          "0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11"
        ]
      },
      "User": {
        "title": "User name",
        "description": "Name of the account with which the endpoint is asked.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "operator"
        ]
      },
      "Password": {
        "title": "Password",
        "description": "Password of that account, which is stored encrypted and never in an answer.",
        "type": "string",
        "minLength": 1,
        "maxLength": 1024,
        "writeOnly": true,
        "x-holdfast-secret": "PasswordSet"
      },
      "PasswordSet": {
        "title": "Password set",
        "description": "Whether a password is stored for the endpoint; set by the server.",
        "type": "boolean",
        "readOnly": true
      },
      "UseSSDP": {
        "title": "Use SSDP",
        "description": "Whether the endpoint is discovered by SSDP (Simple Service Discovery Protocol) where it can be.",
        "type": "boolean"
      },
      "MacRequired": {
        "title": "MAC required",
        "description": "Whether the MAC address is needed to find out where the endpoint is.",
        "type": "boolean"
      },
      "MACAddr": {
        "title": "MAC address",
        "description": "MAC address of the endpoint on the management network, stored in lower case with colons.",
        "type": "string",
        "format": "mac-address",
        "pattern": "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$",
        "examples": [
          "00:00:5e:00:53:b1"
        ]
      },
      "IPAddress": {
        "title": "IP address",
        "description": "IPv4 or IPv6 address of the endpoint on the management network.",
        "type": "string",
        "maxLength": 255,
        "anyOf": [
          {
            "format": "ipv4"
          },
          {
            "format": "ipv6"
          }
        ],
        "examples": [
          "192.0.2.177",
          "2001:db8::b1"
        ]
      },
      "RediscoverOnUpdate": {
        "title": "Rediscover on update",
        "description": "Whether a change to this record asks for a new discovery.",
        "type": "boolean"
      },
      "TemplateID": {
        "title": "Template ID",
        "description": "Name of the template that says how the endpoint is discovered.",
        "type": "string",
        "maxLength": 255,
        "examples": [
          "default-node-bmc"
        ]
      },
      "DiscoveryInfo": {
        "title": "Discovery",
        "description": "What came of the last discovery.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "LastAttempt": {
            "title": "Last attempt",
            "description": "Time of the last attempt at discovery, in UTC once stored.",
            "type": "string",
            "format": "date-time",
            "examples": [
              "2026-11-22T02:10:00Z"
            ]
          },
          "LastStatus": {
            "title": "Last status",
            "description": "Outcome of the last attempt at discovery.",
            "type": "string",
            "enum": [
              "EndpointInvalid",
              "EPResponseFailedDecode",
              "HTTPsGetFailed",
              "NotYetQueried",
              "VerificationFailed",
              "ChildVerificationFailed",
              "DiscoverOK"
            ]
          },
          "RedfishVersion": {
            "title": "Redfish version",
            "description": "Version of Redfish that the service root reports.",
            "type": "string",
            "maxLength": 255,
            "examples": [
              "1.11.0"
            ]
          }
        }
      },
      "created_at": {
        "title": "Created at",
        "description": "Time at which the record was created, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "updated_at": {
        "title": "Updated at",
        "description": "Time of the last change to the record, in UTC; set by the server.",
        "type": "string",
        "format": "date-time",
        "readOnly": true,
        "examples": [
          "2026-11-22T02:10:00Z"
        ]
      },
      "revision": {
        "title": "Revision",
        "description": "Number that rises with every change to the record and is its ETag; set by the server.",
        "type": "integer",
        "minimum": 0,
        "maximum": 9007199254740991,
        "readOnly": true,
        "examples": [
          7
        ]
      }
    }
  }
} as unknown as Readonly<
  Record<string, Schema>
>;
