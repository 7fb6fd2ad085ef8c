/* Made from schemas/*.json by `npm run generate`; do not edit. */

/**
 * Every kind in its two forms.
 */
export interface Kinds {
  records: Records;
  drafts: Drafts;
}
/**
 * What answers have, by the name of the kind: no secrets.
 */
export interface Records {
  BMC: BMC;
  Component: Component;
  ComputeNode: ComputeNode;
  NodeCollection: NodeCollection;
  RedfishEndpoint: RedfishEndpoint;
}
/**
 * A baseboard management controller: the small computer through which nodes are powered and watched.
 */
export interface BMC {
  /**
   * UUID of the BMC, made by the server.
   */
  id: string;
  /**
   * Location of the BMC as cabinet (at most 100000), chassis, slot and BMC (each at most 255); no two BMCs have the same, leading zeros aside.
   */
  xname?: string;
  /**
   * Name of the account with which the BMC is controlled.
   */
  username?: string;
  /**
   * Whether a password is stored for the BMC; set by the server.
   */
  password_set?: boolean;
  /**
   * MAC address of the BMC on the management network, stored in lower case with colons; no two BMCs have the same.
   */
  mac_address?: string;
  /**
   * IPv4 address of the BMC on the management network.
   */
  ipv4_address?: string;
  /**
   * IPv6 address of the BMC on the management network, without a zone index.
   */
  ipv6_address?: string;
  /**
   * Remark about the BMC, for people to read.
   */
  description?: string;
  /**
   * Where the BMC is, as an xname or in the site's own words.
   */
  location_string?: string;
  /**
   * Time at which the record was created, in UTC; set by the server.
   */
  created_at: string;
  /**
   * Time of the last change to the record, in UTC; set by the server.
   */
  updated_at: string;
  /**
   * Number that rises with every change to the record and is its ETag; set by the server.
   */
  revision: number;
}
/**
 * A component of the system at any level, from cabinet to memory, as the Hardware State Manager describes it.
 */
export interface Component {
  /**
   * UUID of the component, made by the server.
   */
  UID: string;
  /**
   * xname of the component, which says where it is; no two components have the same, leading zeros aside.
   */
  ID: string;
  /**
   * What sort of component it is; INVALID stands for one that could not be told.
   */
  Type:
    | 'CDU'
    | 'CabinetCDU'
    | 'CabinetPDU'
    | 'CabinetPDUOutlet'
    | 'CabinetPDUPowerConnector'
    | 'CabinetPDUController'
    | 'Cabinet'
    | 'Chassis'
    | 'ChassisBMC'
    | 'CMMRectifier'
    | 'CMMFpga'
    | 'CEC'
    | 'ComputeModule'
    | 'RouterModule'
    | 'NodeBMC'
    | 'NodeEnclosure'
    | 'NodeEnclosurePowerSupply'
    | 'HSNBoard'
    | 'MgmtSwitch'
    | 'MgmtHLSwitch'
    | 'CDUMgmtSwitch'
    | 'Node'
    | 'VirtualNode'
    | 'Processor'
    | 'Drive'
    | 'StorageGroup'
    | 'NodeNIC'
    | 'Memory'
    | 'NodeAccel'
    | 'NodeAccelRiser'
    | 'NodeFpga'
    | 'HSNAsic'
    | 'RouterFpga'
    | 'RouterBMC'
    | 'HSNLink'
    | 'HSNConnector'
    | 'INVALID';
  /**
   * Finer sort within `Type`, in the site's own words.
   */
  Subtype?: string;
  /**
   * What the component is used for.
   */
  Role?: 'Compute' | 'Service' | 'System' | 'Application' | 'Storage' | 'Management';
  /**
   * Finer use within `Role`.
   */
  SubRole?: 'Master' | 'Worker' | 'Storage';
  /**
   * Sort of network to which the component is attached.
   */
  NetType?: 'Sling' | 'Infiniband' | 'Ethernet' | 'OEM' | 'None';
  /**
   * Processor architecture of the component.
   */
  Arch?: 'X86' | 'ARM' | 'UNKNOWN' | 'Other';
  /**
   * Class of the hardware: River (air-cooled racks), Mountain (liquid-cooled cabinets), Hill (liquid-cooled chassis in racks) or Other.
   */
  Class?: 'River' | 'Mountain' | 'Hill' | 'Other';
  /**
   * State of the component: Unknown, Empty (nothing is there), Populated (present, not followed further), Off, On, Standby (no longer ready, heartbeat lost), Halt (no longer ready, stopped) or Ready (on and able to do its work).
   */
  State?: 'Unknown' | 'Empty' | 'Populated' | 'Off' | 'On' | 'Standby' | 'Halt' | 'Ready';
  /**
   * Health of the component: Unknown, OK, Warning (works, but needs attention), Alert (does not work as expected) or Locked (reserved by another service).
   */
  Flag?: 'Unknown' | 'OK' | 'Warning' | 'Alert' | 'Locked';
  /**
   * Whether the component may be used; a disabled one keeps its record.
   */
  Enabled?: boolean;
  /**
   * State of the software on the component, in the words of whoever reports it.
   */
  SoftwareStatus?: string;
  /**
   * Number by which a workload manager knows the node.
   */
  NID?: number;
  /**
   * Whether the component is barred from being reserved.
   */
  ReservationDisabled?: boolean;
  /**
   * Whether the component is locked against actions such as power or firmware changes.
   */
  Locked?: boolean;
  /**
   * Time at which the record was created, in UTC; set by the server.
   */
  created_at: string;
  /**
   * Time of the last change to the record, in UTC; set by the server.
   */
  updated_at: string;
  /**
   * Number that rises with every change to the record and is its ETag; set by the server.
   */
  revision: number;
}
/**
 * A node of the site: what it is called, where it sits, how it boots and which BMC controls it.
 */
export interface ComputeNode {
  /**
   * UUID of the node, made by the server.
   */
  id: string;
  /**
   * Host name of the node, which other nodes may have as well.
   */
  hostname: string;
  /**
   * Location of the node as cabinet (at most 100000), chassis, slot, BMC and node (each at most 255); no two nodes have the same, leading zeros aside.
   */
  xname?: string;
  /**
   * Processor architecture of the node, under the name by which the site selects images for it.
   */
  architecture: string;
  /**
   * MAC address of the interface from which the node boots, stored in lower case with colons; no two nodes have the same.
   */
  boot_mac?: string;
  /**
   * IPv4 address that the node uses while it boots.
   */
  boot_ipv4_address?: string;
  /**
   * IPv6 address that the node uses while it boots, without a zone index.
   */
  boot_ipv6_address?: string;
  /**
   * Network interfaces of the node, in the order given.
   *
   * @maxItems 256
   */
  network_interfaces?: NetworkInterface[];
  bmc?: NodeBMC;
  /**
   * Remark about the node, for people to read.
   */
  description?: string;
  boot_data?: BootData;
  /**
   * Where the node is, in the site's own words; when it is an xname, it names the same place as `xname`.
   */
  location_string?: string;
  /**
   * The state that the node is meant to have.
   */
  spec?: {
    /**
     * Host name that the node is meant to have.
     */
    hostname?: string;
    /**
     * MAC address of the interface from which the node is meant to boot, stored in lower case with colons.
     */
    boot_mac?: string;
    /**
     * IPv4 address that the node is meant to use while it boots.
     */
    boot_ipv4_address?: string;
    /**
     * IPv6 address that the node is meant to use while it boots, without a zone index.
     */
    boot_ipv6_address?: string;
    /**
     * URL or address at which the BMC of the node is reached.
     */
    bmc_endpoint?: string;
    /**
     * Name of the account with which the BMC is controlled.
     */
    bmc_username?: string;
    /**
     * Whether a password is stored for `bmc_username`; set by the server.
     */
    bmc_password_set?: boolean;
    /**
     * Network interfaces that the node is meant to have, in the order given.
     *
     * @maxItems 256
     */
    network_interfaces?: NetworkInterface[];
    boot_configuration?: BootData;
  };
  /**
   * The state in which the node was last seen.
   */
  status?: {
    /**
     * Whether the node had power when that was last looked at.
     */
    power_state?: {
      /**
       * Whether the node is powered on.
       */
      on?: boolean;
      /**
       * Time at which the power state was last looked at, in UTC once stored.
       */
      last_updated?: string;
    };
    /**
     * What the node booted when that was last looked at.
     */
    boot_configuration?: {
      boot_data?: BootData;
      /**
       * Time at which the boot configuration was last looked at, in UTC once stored.
       */
      last_updated?: string;
    };
    /**
     * Network interfaces that were found in the node, in the order given.
     *
     * @maxItems 256
     */
    network_interfaces?: NetworkInterface[];
    /**
     * Whatever else was found out about the node, in any form, kept as given.
     */
    extended_data?: {
      [k: string]: unknown;
    };
  };
  /**
   * Time at which the record was created, in UTC; set by the server.
   */
  created_at: string;
  /**
   * Time of the last change to the record, in UTC; set by the server.
   */
  updated_at: string;
  /**
   * Number that rises with every change to the record and is its ETag; set by the server.
   */
  revision: number;
}
/**
 * A network interface of a node, which has no record of its own but is part of the node's.
 */
export interface NetworkInterface {
  /**
   * Name of the interface as the operating system shows it.
   */
  interface_name: string;
  /**
   * MAC address of the interface, stored in lower case with colons.
   */
  mac_address: string;
  /**
   * IPv4 address of the interface.
   */
  ipv4_address?: string;
  /**
   * IPv6 address of the interface, without a zone index.
   */
  ipv6_address?: string;
  /**
   * Remark about the interface, for people to read.
   */
  description?: string;
  /**
   * Serial number of the network adapter.
   */
  serial?: string;
  /**
   * Model of the network adapter, as its manufacturer calls it.
   */
  model?: string;
  /**
   * Manufacturer of the network adapter.
   */
  manufacturer?: string;
  /**
   * Version of the firmware that the network adapter runs.
   */
  firmware_version?: string;
  /**
   * Whatever else is known about the interface, in any form, kept as given.
   */
  extended_data?: {
    [k: string]: unknown;
  };
}
/**
 * A copy of the BMC record. Given with xname or MAC it is matched to an existing BMC or makes a new one.
 */
export interface NodeBMC {
  /**
   * UUID of the BMC record, by which a client may name an existing BMC.
   */
  id?: string;
  /**
   * Location of the BMC as cabinet (at most 100000), chassis, slot and BMC (each at most 255).
   */
  xname?: string;
  /**
   * Name of the account with which the BMC is controlled.
   */
  username?: string;
  /**
   * Whether a password is stored for the BMC; set by the server.
   */
  password_set?: boolean;
  /**
   * MAC address of the BMC on the management network, stored in lower case with colons.
   */
  mac_address?: string;
  /**
   * IPv4 address of the BMC on the management network.
   */
  ipv4_address?: string;
  /**
   * IPv6 address of the BMC on the management network, without a zone index.
   */
  ipv6_address?: string;
  /**
   * Remark about the BMC, for people to read.
   */
  description?: string;
  /**
   * Where the BMC is, as an xname or in the site's own words.
   */
  location_string?: string;
}
/**
 * A kernel, its command line and the image that it starts.
 */
export interface BootData {
  /**
   * UUID of this set of boot data, chosen by the client.
   */
  id?: string;
  /**
   * URL from which the kernel is loaded.
   */
  kernel_url?: string;
  /**
   * Parameters that are given to the kernel.
   */
  kernel_command_line?: string;
  /**
   * URL from which the image, or the initial RAM disk, is loaded.
   */
  image_url?: string;
}
/**
 * Nodes that belong together: a partition, a tenant's nodes, a job's nodes or any other set.
 */
export interface NodeCollection {
  /**
   * UUID of the collection, made by the server.
   */
  id: string;
  /**
   * Name of the collection, without control characters; no two collections have the same.
   */
  name: string;
  /**
   * What the collection is for: a node is in at most one partition and in at most one tenant, and in any number of ad-hoc and job collections.
   */
  type: 'ad-hoc' | 'tenant' | 'job' | 'partition';
  /**
   * xnames of the nodes in the collection, at most 100000, of which some may not have a node yet.
   *
   * @maxItems 100000
   *
   * Items: xname of one node.
   */
  nodes: string[];
  /**
   * Remark about the collection, for people to read.
   */
  description?: string;
  /**
   * Subject (`sub`) of the token with which the collection was created; set by the server.
   */
  creator_subject?: string;
  /**
   * cloud-init documents for the nodes of the collection, by name, each a text of at most 1048576 characters.
   */
  cloud_init_data?: {
    [k: string]: string;
  };
  /**
   * Time at which the record was created, in UTC; set by the server.
   */
  created_at: string;
  /**
   * Time of the last change to the record, in UTC; set by the server.
   */
  updated_at: string;
  /**
   * Number that rises with every change to the record and is its ETag; set by the server.
   */
  revision: number;
}
/**
 * A controller that answers Redfish requests, with what is needed to ask it and what came of asking.
 */
export interface RedfishEndpoint {
  /**
   * xname of the controller, chosen by the client; no two endpoints have the same, leading zeros aside.
   */
  ID: string;
  /**
   * What sort of component the controller is, in the words of `Component.Type`.
   */
  Type?: string;
  /**
   * Name of the endpoint, for people to read.
   */
  Name?: string;
  /**
   * First part of the fully qualified domain name, usually the xname.
   */
  Hostname?: string;
  /**
   * The fully qualified domain name without its first part.
   */
  Domain?: string;
  /**
   * Fully qualified domain name of the endpoint on the management network.
   */
  FQDN?: string;
  /**
   * Whether the endpoint may be asked; a disabled one keeps its record.
   */
  Enabled?: boolean;
  /**
   * URI of the Redfish service root.
   */
  URI?: string;
  /**
   * UUID that the endpoint gives for itself.
   */
  UUID?: string;
  /**
   * Name of the account with which the endpoint is asked.
   */
  User?: string;
  /**
   * Whether a password is stored for the endpoint; set by the server.
   */
  PasswordSet?: boolean;
  /**
   * Whether the endpoint is discovered by SSDP (Simple Service Discovery Protocol) where it can be.
   */
  UseSSDP?: boolean;
  /**
   * Whether the MAC address is needed to find out where the endpoint is.
   */
  MacRequired?: boolean;
  /**
   * MAC address of the endpoint on the management network, stored in lower case with colons.
   */
  MACAddr?: string;
  /**
   * IPv4 or IPv6 address of the endpoint on the management network.
   */
  IPAddress?: string;
  /**
   * Whether a change to this record asks for a new discovery.
   */
  RediscoverOnUpdate?: boolean;
  /**
   * Name of the template that says how the endpoint is discovered.
   */
  TemplateID?: string;
  /**
   * What came of the last discovery.
   */
  DiscoveryInfo?: {
    /**
     * Time of the last attempt at discovery, in UTC once stored.
     */
    LastAttempt?: string;
    /**
     * Outcome of the last attempt at discovery.
     */
    LastStatus?:
      'EndpointInvalid' | 'EPResponseFailedDecode' | 'HTTPsGetFailed' | 'NotYetQueried' | 'VerificationFailed' | 'ChildVerificationFailed' | 'DiscoverOK';
    /**
     * Version of Redfish that the service root reports.
     */
    RedfishVersion?: string;
  };
  /**
   * Time at which the record was created, in UTC; set by the server.
   */
  created_at: string;
  /**
   * Time of the last change to the record, in UTC; set by the server.
   */
  updated_at: string;
  /**
   * Number that rises with every change to the record and is its ETag; set by the server.
   */
  revision: number;
}
/**
 * What clients write, by the name of the kind: secrets, and nothing that only the server sets.
 */
export interface Drafts {
  BMC: BMCDraft;
  Component: ComponentDraft;
  ComputeNode: ComputeNodeDraft;
  NodeCollection: NodeCollectionDraft;
  RedfishEndpoint: RedfishEndpointDraft;
}
/**
 * A baseboard management controller: the small computer through which nodes are powered and watched.
 */
export interface BMCDraft {
  /**
   * Location of the BMC as cabinet (at most 100000), chassis, slot and BMC (each at most 255); no two BMCs have the same, leading zeros aside.
   */
  xname?: string;
  /**
   * Name of the account with which the BMC is controlled.
   */
  username: string;
  /**
   * Password of that account, which is stored encrypted and never in an answer.
   */
  password: string;
  /**
   * MAC address of the BMC on the management network, stored in lower case with colons; no two BMCs have the same.
   */
  mac_address: string;
  /**
   * IPv4 address of the BMC on the management network.
   */
  ipv4_address?: string;
  /**
   * IPv6 address of the BMC on the management network, without a zone index.
   */
  ipv6_address?: string;
  /**
   * Remark about the BMC, for people to read.
   */
  description?: string;
  /**
   * Where the BMC is, as an xname or in the site's own words.
   */
  location_string?: string;
}
/**
 * A component of the system at any level, from cabinet to memory, as the Hardware State Manager describes it.
 */
export interface ComponentDraft {
  /**
   * xname of the component, which says where it is; no two components have the same, leading zeros aside.
   */
  ID: string;
  /**
   * What sort of component it is; INVALID stands for one that could not be told.
   */
  Type:
    | 'CDU'
    | 'CabinetCDU'
    | 'CabinetPDU'
    | 'CabinetPDUOutlet'
    | 'CabinetPDUPowerConnector'
    | 'CabinetPDUController'
    | 'Cabinet'
    | 'Chassis'
    | 'ChassisBMC'
    | 'CMMRectifier'
    | 'CMMFpga'
    | 'CEC'
    | 'ComputeModule'
    | 'RouterModule'
    | 'NodeBMC'
    | 'NodeEnclosure'
    | 'NodeEnclosurePowerSupply'
    | 'HSNBoard'
    | 'MgmtSwitch'
    | 'MgmtHLSwitch'
    | 'CDUMgmtSwitch'
    | 'Node'
    | 'VirtualNode'
    | 'Processor'
    | 'Drive'
    | 'StorageGroup'
    | 'NodeNIC'
    | 'Memory'
    | 'NodeAccel'
    | 'NodeAccelRiser'
    | 'NodeFpga'
    | 'HSNAsic'
    | 'RouterFpga'
    | 'RouterBMC'
    | 'HSNLink'
    | 'HSNConnector'
    | 'INVALID';
  /**
   * Finer sort within `Type`, in the site's own words.
   */
  Subtype?: string;
  /**
   * What the component is used for.
   */
  Role?: 'Compute' | 'Service' | 'System' | 'Application' | 'Storage' | 'Management';
  /**
   * Finer use within `Role`.
   */
  SubRole?: 'Master' | 'Worker' | 'Storage';
  /**
   * Sort of network to which the component is attached.
   */
  NetType?: 'Sling' | 'Infiniband' | 'Ethernet' | 'OEM' | 'None';
  /**
   * Processor architecture of the component.
   */
  Arch?: 'X86' | 'ARM' | 'UNKNOWN' | 'Other';
  /**
   * Class of the hardware: River (air-cooled racks), Mountain (liquid-cooled cabinets), Hill (liquid-cooled chassis in racks) or Other.
   */
  Class?: 'River' | 'Mountain' | 'Hill' | 'Other';
  /**
   * State of the component: Unknown, Empty (nothing is there), Populated (present, not followed further), Off, On, Standby (no longer ready, heartbeat lost), Halt (no longer ready, stopped) or Ready (on and able to do its work).
   */
  State?: 'Unknown' | 'Empty' | 'Populated' | 'Off' | 'On' | 'Standby' | 'Halt' | 'Ready';
  /**
   * Health of the component: Unknown, OK, Warning (works, but needs attention), Alert (does not work as expected) or Locked (reserved by another service).
   */
  Flag?: 'Unknown' | 'OK' | 'Warning' | 'Alert' | 'Locked';
  /**
   * Whether the component may be used; a disabled one keeps its record.
   */
  Enabled?: boolean;
  /**
   * State of the software on the component, in the words of whoever reports it.
   */
  SoftwareStatus?: string;
  /**
   * Number by which a workload manager knows the node.
   */
  NID?: number;
  /**
   * Whether the component is barred from being reserved.
   */
  ReservationDisabled?: boolean;
  /**
   * Whether the component is locked against actions such as power or firmware changes.
   */
  Locked?: boolean;
}
/**
 * A node of the site: what it is called, where it sits, how it boots and which BMC controls it.
 */
export interface ComputeNodeDraft {
  /**
   * Host name of the node, which other nodes may have as well.
   */
  hostname: string;
  /**
   * Location of the node as cabinet (at most 100000), chassis, slot, BMC and node (each at most 255); no two nodes have the same, leading zeros aside.
   */
  xname?: string;
  /**
   * Processor architecture of the node, under the name by which the site selects images for it.
   */
  architecture: string;
  /**
   * MAC address of the interface from which the node boots, stored in lower case with colons; no two nodes have the same.
   */
  boot_mac?: string;
  /**
   * IPv4 address that the node uses while it boots.
   */
  boot_ipv4_address?: string;
  /**
   * IPv6 address that the node uses while it boots, without a zone index.
   */
  boot_ipv6_address?: string;
  /**
   * Network interfaces of the node, in the order given.
   *
   * @maxItems 256
   */
  network_interfaces?: NetworkInterface[];
  bmc?: NodeBMCDraft;
  /**
   * Remark about the node, for people to read.
   */
  description?: string;
  boot_data?: BootData;
  /**
   * Where the node is, in the site's own words; when it is an xname, it names the same place as `xname`.
   */
  location_string?: string;
  /**
   * The state that the node is meant to have.
   */
  spec?: {
    /**
     * Host name that the node is meant to have.
     */
    hostname?: string;
    /**
     * MAC address of the interface from which the node is meant to boot, stored in lower case with colons.
     */
    boot_mac?: string;
    /**
     * IPv4 address that the node is meant to use while it boots.
     */
    boot_ipv4_address?: string;
    /**
     * IPv6 address that the node is meant to use while it boots, without a zone index.
     */
    boot_ipv6_address?: string;
    /**
     * URL or address at which the BMC of the node is reached.
     */
    bmc_endpoint?: string;
    /**
     * Name of the account with which the BMC is controlled.
     */
    bmc_username?: string;
    /**
     * Password of that account, which is stored encrypted and never in an answer.
     */
    bmc_password?: string;
    /**
     * Network interfaces that the node is meant to have, in the order given.
     *
     * @maxItems 256
     */
    network_interfaces?: NetworkInterface[];
    boot_configuration?: BootData;
  };
  /**
   * The state in which the node was last seen.
   */
  status?: {
    /**
     * Whether the node had power when that was last looked at.
     */
    power_state?: {
      /**
       * Whether the node is powered on.
       */
      on?: boolean;
      /**
       * Time at which the power state was last looked at, in UTC once stored.
       */
      last_updated?: string;
    };
    /**
     * What the node booted when that was last looked at.
     */
    boot_configuration?: {
      boot_data?: BootData;
      /**
       * Time at which the boot configuration was last looked at, in UTC once stored.
       */
      last_updated?: string;
    };
    /**
     * Network interfaces that were found in the node, in the order given.
     *
     * @maxItems 256
     */
    network_interfaces?: NetworkInterface[];
    /**
     * Whatever else was found out about the node, in any form, kept as given.
     */
    extended_data?: {
      [k: string]: unknown;
    };
  };
}
/**
 * A copy of the BMC record. Given with xname or MAC it is matched to an existing BMC or makes a new one.
 */
export interface NodeBMCDraft {
  /**
   * UUID of the BMC record, by which a client may name an existing BMC.
   */
  id?: string;
  /**
   * Location of the BMC as cabinet (at most 100000), chassis, slot and BMC (each at most 255).
   */
  xname?: string;
  /**
   * Name of the account with which the BMC is controlled.
   */
  username?: string;
  /**
   * Password of that account, which is kept with the BMC record and never in the node or in an answer.
   */
  password?: string;
  /**
   * MAC address of the BMC on the management network, stored in lower case with colons.
   */
  mac_address?: string;
  /**
   * IPv4 address of the BMC on the management network.
   */
  ipv4_address?: string;
  /**
   * IPv6 address of the BMC on the management network, without a zone index.
   */
  ipv6_address?: string;
  /**
   * Remark about the BMC, for people to read.
   */
  description?: string;
  /**
   * Where the BMC is, as an xname or in the site's own words.
   */
  location_string?: string;
}
/**
 * Nodes that belong together: a partition, a tenant's nodes, a job's nodes or any other set.
 */
export interface NodeCollectionDraft {
  /**
   * Name of the collection, without control characters; no two collections have the same.
   */
  name: string;
  /**
   * What the collection is for: a node is in at most one partition and in at most one tenant, and in any number of ad-hoc and job collections.
   */
  type: 'ad-hoc' | 'tenant' | 'job' | 'partition';
  /**
   * xnames of the nodes in the collection, at most 100000, of which some may not have a node yet.
   *
   * @maxItems 100000
   *
   * Items: xname of one node.
   */
  nodes: string[];
  /**
   * Remark about the collection, for people to read.
   */
  description?: string;
  /**
   * cloud-init documents for the nodes of the collection, by name, each a text of at most 1048576 characters.
   */
  cloud_init_data?: {
    [k: string]: string;
  };
}
/**
 * A controller that answers Redfish requests, with what is needed to ask it and what came of asking.
 */
export interface RedfishEndpointDraft {
  /**
   * xname of the controller, chosen by the client; no two endpoints have the same, leading zeros aside.
   */
  ID: string;
  /**
   * What sort of component the controller is, in the words of `Component.Type`.
   */
  Type?: string;
  /**
   * Name of the endpoint, for people to read.
   */
  Name?: string;
  /**
   * First part of the fully qualified domain name, usually the xname.
   */
  Hostname?: string;
  /**
   * The fully qualified domain name without its first part.
   */
  Domain?: string;
  /**
   * Fully qualified domain name of the endpoint on the management network.
   */
  FQDN?: string;
  /**
   * Whether the endpoint may be asked; a disabled one keeps its record.
   */
  Enabled?: boolean;
  /**
   * URI of the Redfish service root.
   */
  URI?: string;
  /**
   * UUID that the endpoint gives for itself.
   */
  UUID?: string;
  /**
   * Name of the account with which the endpoint is asked.
   */
  User?: string;
  /**
   * Password of that account, which is stored encrypted and never in an answer.
   */
  Password?: string;
  /**
   * Whether the endpoint is discovered by SSDP (Simple Service Discovery Protocol) where it can be.
   */
  UseSSDP?: boolean;
  /**
   * Whether the MAC address is needed to find out where the endpoint is.
   */
  MacRequired?: boolean;
  /**
   * MAC address of the endpoint on the management network, stored in lower case with colons.
   */
  MACAddr?: string;
  /**
   * IPv4 or IPv6 address of the endpoint on the management network.
   */
  IPAddress?: string;
  /**
   * Whether a change to this record asks for a new discovery.
   */
  RediscoverOnUpdate?: boolean;
  /**
   * Name of the template that says how the endpoint is discovered.
   */
  TemplateID?: string;
  /**
   * What came of the last discovery.
   */
  DiscoveryInfo?: {
    /**
     * Time of the last attempt at discovery, in UTC once stored.
     */
    LastAttempt?: string;
    /**
     * Outcome of the last attempt at discovery.
     */
    LastStatus?:
      'EndpointInvalid' | 'EPResponseFailedDecode' | 'HTTPsGetFailed' | 'NotYetQueried' | 'VerificationFailed' | 'ChildVerificationFailed' | 'DiscoverOK';
    /**
     * Version of Redfish that the service root reports.
     */
    RedfishVersion?: string;
  };
}
