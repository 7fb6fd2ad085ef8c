// @ts-nocheck
/* Made from schemas/*.json by `npm run generate`; do not edit. */
import { createRequire } from 'node:module';
import type { Validator } from '../../schemas/explain.ts';
import { FORMATS } from '../../schemas/formats.ts';

// Ajv's run-time helpers are CommonJS.
const require = createRequire(import.meta.url);

/** Stop at the first problem: for every request. */
export const JUDGES: Readonly<Record<string, Validator>> = judges({});
/** Find all problems: for the answer to a record that was refused. */
export const EXPLAINERS: Readonly<Record<string, Validator>> = explainers({});

function judges(exports) {
"use strict";
exports.BMC = validate3;
const schema3 = {"type":"object","additionalProperties":false,"required":["username","mac_address"],"properties":{"id":true,"xname":{"type":"string","format":"xname-bmc"},"username":{"type":"string","minLength":1,"maxLength":255},"password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"x-holdfast-secret":"password_set","pattern":"^(?!\\*{6}$)"},"password_set":true,"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"location_string":{"type":"string","maxLength":255},"created_at":true,"updated_at":true,"revision":true}};
const func0 = Object.prototype.hasOwnProperty;
const func5 = require("ajv/dist/runtime/ucs2length").default;
const formats0 = FORMATS["xname-bmc"];
const formats2 = FORMATS["mac-address"];
const formats4 = FORMATS.ipv4;
const formats6 = FORMATS.ipv6;
const pattern1 = new RegExp("^(?!\\*{6}$)", "u");

function validate3(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate3.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.username === undefined) || (!(func0.call(data, "username")))) && (missing0 = "username")) || (((data.mac_address === undefined) || (!(func0.call(data, "mac_address")))) && (missing0 = "mac_address"))){
validate3.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
const _errs1 = errors;
for(const key0 of Object.keys(data)){
if(!(func0.call(schema3.properties, key0))){
validate3.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.xname !== undefined && func0.call(data, "xname")){
let data0 = data.xname;
const _errs2 = errors;
if(errors === _errs2){
if(errors === _errs2){
if(typeof data0 === "string"){
if(!(formats0(data0))){
validate3.errors = [{instancePath:instancePath+"/xname",schemaPath:"#/properties/xname/format",keyword:"format",params:{format: "xname-bmc"},message:"must match format \""+"xname-bmc"+"\""}];
return false;
}
}
else {
validate3.errors = [{instancePath:instancePath+"/xname",schemaPath:"#/properties/xname/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.username !== undefined && func0.call(data, "username")){
let data1 = data.username;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data1 === "string"){
if(data1.length < 2 && (data1.length < 1 || func5(data1) < 1)){
validate3.errors = [{instancePath:instancePath+"/username",schemaPath:"#/properties/username/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data1.length > 255 && func5(data1) > 255){
validate3.errors = [{instancePath:instancePath+"/username",schemaPath:"#/properties/username/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
}
else {
validate3.errors = [{instancePath:instancePath+"/username",schemaPath:"#/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.password !== undefined && func0.call(data, "password")){
let data2 = data.password;
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(!pattern1.test(data2)){
validate3.errors = [{instancePath:instancePath+"/password",schemaPath:"#/properties/password/pattern",keyword:"pattern",params:{pattern: "^(?!\\*{6}$)"},message:"must match pattern \""+"^(?!\\*{6}$)"+"\""}];
return false;
}
else {
if(data2.length < 2 && (data2.length < 1 || func5(data2) < 1)){
validate3.errors = [{instancePath:instancePath+"/password",schemaPath:"#/properties/password/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data2.length > 1024 && func5(data2) > 1024){
validate3.errors = [{instancePath:instancePath+"/password",schemaPath:"#/properties/password/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
}
}
}
else {
validate3.errors = [{instancePath:instancePath+"/password",schemaPath:"#/properties/password/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.mac_address !== undefined && func0.call(data, "mac_address")){
let data3 = data.mac_address;
const _errs9 = errors;
if(errors === _errs9){
if(errors === _errs9){
if(typeof data3 === "string"){
if(!(formats2(data3))){
validate3.errors = [{instancePath:instancePath+"/mac_address",schemaPath:"#/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""}];
return false;
}
}
else {
validate3.errors = [{instancePath:instancePath+"/mac_address",schemaPath:"#/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.ipv4_address !== undefined && func0.call(data, "ipv4_address")){
let data4 = data.ipv4_address;
const _errs11 = errors;
if(errors === _errs11){
if(errors === _errs11){
if(typeof data4 === "string"){
if(!(formats4(data4))){
validate3.errors = [{instancePath:instancePath+"/ipv4_address",schemaPath:"#/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""}];
return false;
}
}
else {
validate3.errors = [{instancePath:instancePath+"/ipv4_address",schemaPath:"#/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.ipv6_address !== undefined && func0.call(data, "ipv6_address")){
let data5 = data.ipv6_address;
const _errs13 = errors;
if(errors === _errs13){
if(errors === _errs13){
if(typeof data5 === "string"){
if(!(formats6(data5))){
validate3.errors = [{instancePath:instancePath+"/ipv6_address",schemaPath:"#/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""}];
return false;
}
}
else {
validate3.errors = [{instancePath:instancePath+"/ipv6_address",schemaPath:"#/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.description !== undefined && func0.call(data, "description")){
let data6 = data.description;
const _errs15 = errors;
if(errors === _errs15){
if(typeof data6 === "string"){
if(data6.length > 4096 && func5(data6) > 4096){
validate3.errors = [{instancePath:instancePath+"/description",schemaPath:"#/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
}
else {
validate3.errors = [{instancePath:instancePath+"/description",schemaPath:"#/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.location_string !== undefined && func0.call(data, "location_string")){
let data7 = data.location_string;
const _errs17 = errors;
if(errors === _errs17){
if(typeof data7 === "string"){
if(data7.length > 255 && func5(data7) > 255){
validate3.errors = [{instancePath:instancePath+"/location_string",schemaPath:"#/properties/location_string/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate3.errors = [{instancePath:instancePath+"/location_string",schemaPath:"#/properties/location_string/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs17 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
else {
validate3.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate3.errors = vErrors;
return errors === 0;
}
validate3.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

exports.Component = validate4;
const schema4 = {"type":"object","additionalProperties":false,"required":["ID","Type"],"properties":{"UID":true,"ID":{"type":"string","format":"xname","minLength":1,"maxLength":255},"Type":{"type":"string","enum":["CDU","CabinetCDU","CabinetPDU","CabinetPDUOutlet","CabinetPDUPowerConnector","CabinetPDUController","Cabinet","Chassis","ChassisBMC","CMMRectifier","CMMFpga","CEC","ComputeModule","RouterModule","NodeBMC","NodeEnclosure","NodeEnclosurePowerSupply","HSNBoard","MgmtSwitch","MgmtHLSwitch","CDUMgmtSwitch","Node","VirtualNode","Processor","Drive","StorageGroup","NodeNIC","Memory","NodeAccel","NodeAccelRiser","NodeFpga","HSNAsic","RouterFpga","RouterBMC","HSNLink","HSNConnector","INVALID"]},"Subtype":{"type":"string","maxLength":255},"Role":{"type":"string","enum":["Compute","Service","System","Application","Storage","Management"]},"SubRole":{"type":"string","enum":["Master","Worker","Storage"]},"NetType":{"type":"string","enum":["Sling","Infiniband","Ethernet","OEM","None"]},"Arch":{"type":"string","enum":["X86","ARM","UNKNOWN","Other"]},"Class":{"type":"string","enum":["River","Mountain","Hill","Other"]},"State":{"type":"string","enum":["Unknown","Empty","Populated","Off","On","Standby","Halt","Ready"]},"Flag":{"type":"string","enum":["Unknown","OK","Warning","Alert","Locked"]},"Enabled":{"type":"boolean"},"SoftwareStatus":{"type":"string","maxLength":255},"NID":{"type":"integer","minimum":0,"maximum":9007199254740991},"ReservationDisabled":{"type":"boolean"},"Locked":{"type":"boolean"},"created_at":true,"updated_at":true,"revision":true}};
const formats8 = FORMATS.xname;

function validate4(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate4.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.ID === undefined) || (!(func0.call(data, "ID")))) && (missing0 = "ID")) || (((data.Type === undefined) || (!(func0.call(data, "Type")))) && (missing0 = "Type"))){
validate4.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
const _errs1 = errors;
for(const key0 of Object.keys(data)){
if(!(func0.call(schema4.properties, key0))){
validate4.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.ID !== undefined && func0.call(data, "ID")){
let data0 = data.ID;
const _errs2 = errors;
if(errors === _errs2){
if(errors === _errs2){
if(typeof data0 === "string"){
if(!(formats8(data0))){
validate4.errors = [{instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/format",keyword:"format",params:{format: "xname"},message:"must match format \""+"xname"+"\""}];
return false;
}
else {
if(data0.length < 2 && (data0.length < 1 || func5(data0) < 1)){
validate4.errors = [{instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data0.length > 255 && func5(data0) > 255){
validate4.errors = [{instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
}
}
else {
validate4.errors = [{instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Type !== undefined && func0.call(data, "Type")){
let data1 = data.Type;
const _errs4 = errors;
if(typeof data1 !== "string"){
validate4.errors = [{instancePath:instancePath+"/Type",schemaPath:"#/properties/Type/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((((((((((((((((((((((((((((((((((((data1 === "CDU") || (data1 === "CabinetCDU")) || (data1 === "CabinetPDU")) || (data1 === "CabinetPDUOutlet")) || (data1 === "CabinetPDUPowerConnector")) || (data1 === "CabinetPDUController")) || (data1 === "Cabinet")) || (data1 === "Chassis")) || (data1 === "ChassisBMC")) || (data1 === "CMMRectifier")) || (data1 === "CMMFpga")) || (data1 === "CEC")) || (data1 === "ComputeModule")) || (data1 === "RouterModule")) || (data1 === "NodeBMC")) || (data1 === "NodeEnclosure")) || (data1 === "NodeEnclosurePowerSupply")) || (data1 === "HSNBoard")) || (data1 === "MgmtSwitch")) || (data1 === "MgmtHLSwitch")) || (data1 === "CDUMgmtSwitch")) || (data1 === "Node")) || (data1 === "VirtualNode")) || (data1 === "Processor")) || (data1 === "Drive")) || (data1 === "StorageGroup")) || (data1 === "NodeNIC")) || (data1 === "Memory")) || (data1 === "NodeAccel")) || (data1 === "NodeAccelRiser")) || (data1 === "NodeFpga")) || (data1 === "HSNAsic")) || (data1 === "RouterFpga")) || (data1 === "RouterBMC")) || (data1 === "HSNLink")) || (data1 === "HSNConnector")) || (data1 === "INVALID"))){
validate4.errors = [{instancePath:instancePath+"/Type",schemaPath:"#/properties/Type/enum",keyword:"enum",params:{allowedValues: schema4.properties.Type.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Subtype !== undefined && func0.call(data, "Subtype")){
let data2 = data.Subtype;
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(data2.length > 255 && func5(data2) > 255){
validate4.errors = [{instancePath:instancePath+"/Subtype",schemaPath:"#/properties/Subtype/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate4.errors = [{instancePath:instancePath+"/Subtype",schemaPath:"#/properties/Subtype/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Role !== undefined && func0.call(data, "Role")){
let data3 = data.Role;
const _errs8 = errors;
if(typeof data3 !== "string"){
validate4.errors = [{instancePath:instancePath+"/Role",schemaPath:"#/properties/Role/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((((data3 === "Compute") || (data3 === "Service")) || (data3 === "System")) || (data3 === "Application")) || (data3 === "Storage")) || (data3 === "Management"))){
validate4.errors = [{instancePath:instancePath+"/Role",schemaPath:"#/properties/Role/enum",keyword:"enum",params:{allowedValues: schema4.properties.Role.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.SubRole !== undefined && func0.call(data, "SubRole")){
let data4 = data.SubRole;
const _errs10 = errors;
if(typeof data4 !== "string"){
validate4.errors = [{instancePath:instancePath+"/SubRole",schemaPath:"#/properties/SubRole/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((data4 === "Master") || (data4 === "Worker")) || (data4 === "Storage"))){
validate4.errors = [{instancePath:instancePath+"/SubRole",schemaPath:"#/properties/SubRole/enum",keyword:"enum",params:{allowedValues: schema4.properties.SubRole.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.NetType !== undefined && func0.call(data, "NetType")){
let data5 = data.NetType;
const _errs12 = errors;
if(typeof data5 !== "string"){
validate4.errors = [{instancePath:instancePath+"/NetType",schemaPath:"#/properties/NetType/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((((data5 === "Sling") || (data5 === "Infiniband")) || (data5 === "Ethernet")) || (data5 === "OEM")) || (data5 === "None"))){
validate4.errors = [{instancePath:instancePath+"/NetType",schemaPath:"#/properties/NetType/enum",keyword:"enum",params:{allowedValues: schema4.properties.NetType.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Arch !== undefined && func0.call(data, "Arch")){
let data6 = data.Arch;
const _errs14 = errors;
if(typeof data6 !== "string"){
validate4.errors = [{instancePath:instancePath+"/Arch",schemaPath:"#/properties/Arch/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((data6 === "X86") || (data6 === "ARM")) || (data6 === "UNKNOWN")) || (data6 === "Other"))){
validate4.errors = [{instancePath:instancePath+"/Arch",schemaPath:"#/properties/Arch/enum",keyword:"enum",params:{allowedValues: schema4.properties.Arch.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs14 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Class !== undefined && func0.call(data, "Class")){
let data7 = data.Class;
const _errs16 = errors;
if(typeof data7 !== "string"){
validate4.errors = [{instancePath:instancePath+"/Class",schemaPath:"#/properties/Class/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((data7 === "River") || (data7 === "Mountain")) || (data7 === "Hill")) || (data7 === "Other"))){
validate4.errors = [{instancePath:instancePath+"/Class",schemaPath:"#/properties/Class/enum",keyword:"enum",params:{allowedValues: schema4.properties.Class.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs16 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.State !== undefined && func0.call(data, "State")){
let data8 = data.State;
const _errs18 = errors;
if(typeof data8 !== "string"){
validate4.errors = [{instancePath:instancePath+"/State",schemaPath:"#/properties/State/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((((((data8 === "Unknown") || (data8 === "Empty")) || (data8 === "Populated")) || (data8 === "Off")) || (data8 === "On")) || (data8 === "Standby")) || (data8 === "Halt")) || (data8 === "Ready"))){
validate4.errors = [{instancePath:instancePath+"/State",schemaPath:"#/properties/State/enum",keyword:"enum",params:{allowedValues: schema4.properties.State.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs18 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Flag !== undefined && func0.call(data, "Flag")){
let data9 = data.Flag;
const _errs20 = errors;
if(typeof data9 !== "string"){
validate4.errors = [{instancePath:instancePath+"/Flag",schemaPath:"#/properties/Flag/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((((data9 === "Unknown") || (data9 === "OK")) || (data9 === "Warning")) || (data9 === "Alert")) || (data9 === "Locked"))){
validate4.errors = [{instancePath:instancePath+"/Flag",schemaPath:"#/properties/Flag/enum",keyword:"enum",params:{allowedValues: schema4.properties.Flag.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs20 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Enabled !== undefined && func0.call(data, "Enabled")){
const _errs22 = errors;
if(typeof data.Enabled !== "boolean"){
validate4.errors = [{instancePath:instancePath+"/Enabled",schemaPath:"#/properties/Enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs22 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.SoftwareStatus !== undefined && func0.call(data, "SoftwareStatus")){
let data11 = data.SoftwareStatus;
const _errs24 = errors;
if(errors === _errs24){
if(typeof data11 === "string"){
if(data11.length > 255 && func5(data11) > 255){
validate4.errors = [{instancePath:instancePath+"/SoftwareStatus",schemaPath:"#/properties/SoftwareStatus/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate4.errors = [{instancePath:instancePath+"/SoftwareStatus",schemaPath:"#/properties/SoftwareStatus/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs24 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.NID !== undefined && func0.call(data, "NID")){
let data12 = data.NID;
const _errs26 = errors;
if(!(((typeof data12 == "number") && (!(data12 % 1) && !isNaN(data12))) && (isFinite(data12)))){
validate4.errors = [{instancePath:instancePath+"/NID",schemaPath:"#/properties/NID/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs26){
if((typeof data12 == "number") && (isFinite(data12))){
if(data12 > 9007199254740991 || isNaN(data12)){
validate4.errors = [{instancePath:instancePath+"/NID",schemaPath:"#/properties/NID/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data12 < 0 || isNaN(data12)){
validate4.errors = [{instancePath:instancePath+"/NID",schemaPath:"#/properties/NID/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs26 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.ReservationDisabled !== undefined && func0.call(data, "ReservationDisabled")){
const _errs28 = errors;
if(typeof data.ReservationDisabled !== "boolean"){
validate4.errors = [{instancePath:instancePath+"/ReservationDisabled",schemaPath:"#/properties/ReservationDisabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs28 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Locked !== undefined && func0.call(data, "Locked")){
const _errs30 = errors;
if(typeof data.Locked !== "boolean"){
validate4.errors = [{instancePath:instancePath+"/Locked",schemaPath:"#/properties/Locked/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs30 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate4.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate4.errors = vErrors;
return errors === 0;
}
validate4.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

exports.ComputeNode = validate5;
const schema5 = {"type":"object","additionalProperties":false,"required":["hostname","architecture"],"properties":{"id":true,"hostname":{"type":"string","minLength":1,"maxLength":253},"xname":{"type":"string","format":"xname-node"},"architecture":{"type":"string","minLength":1,"maxLength":255},"boot_mac":{"type":"string","format":"mac-address"},"boot_ipv4_address":{"type":"string","format":"ipv4"},"boot_ipv6_address":{"type":"string","format":"ipv6"},"network_interfaces":{"type":"array","maxItems":256,"items":{"$ref":"#/$defs/NetworkInterface"}},"bmc":{"$ref":"#/$defs/NodeBMC"},"description":{"type":"string","maxLength":4096},"boot_data":{"$ref":"#/$defs/BootData"},"location_string":{"type":"string","maxLength":255},"spec":{"type":"object","additionalProperties":false,"properties":{"hostname":{"type":"string","maxLength":253},"boot_mac":{"type":"string","format":"mac-address"},"boot_ipv4_address":{"type":"string","format":"ipv4"},"boot_ipv6_address":{"type":"string","format":"ipv6"},"bmc_endpoint":{"type":"string","maxLength":2048},"bmc_username":{"type":"string","maxLength":255},"bmc_password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"x-holdfast-secret":"bmc_password_set","pattern":"^(?!\\*{6}$)"},"bmc_password_set":{"type":"boolean","readOnly":true},"network_interfaces":{"type":"array","maxItems":256,"items":{"$ref":"#/$defs/NetworkInterface"}},"boot_configuration":{"$ref":"#/$defs/BootData"}}},"status":{"type":"object","additionalProperties":false,"properties":{"power_state":{"type":"object","additionalProperties":false,"properties":{"on":{"type":"boolean"},"last_updated":{"type":"string","format":"date-time"}}},"boot_configuration":{"type":"object","additionalProperties":false,"properties":{"boot_data":{"$ref":"#/$defs/BootData"},"last_updated":{"type":"string","format":"date-time"}}},"network_interfaces":{"type":"array","maxItems":256,"items":{"$ref":"#/$defs/NetworkInterface"}},"extended_data":{"type":"object","additionalProperties":true,"maxProperties":1024}}},"created_at":true,"updated_at":true,"revision":true},"$defs":{"BootData":{"type":"object","additionalProperties":false,"properties":{"id":{"type":"string","format":"uuid"},"kernel_url":{"type":"string","maxLength":2048},"kernel_command_line":{"type":"string","maxLength":8192},"image_url":{"type":"string","maxLength":2048}}},"NodeBMC":{"type":"object","additionalProperties":false,"anyOf":[{"required":["id"],"properties":{"id":true}},{"required":["xname"],"properties":{"xname":true}},{"required":["mac_address"],"properties":{"mac_address":true}}],"properties":{"id":{"type":"string","format":"uuid","readOnly":false},"xname":{"type":"string","format":"xname-bmc"},"username":{"type":"string","minLength":1,"maxLength":255},"password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"pattern":"^(?!\\*{6}$)"},"password_set":{"type":"boolean","readOnly":true},"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"location_string":{"type":"string","maxLength":255}}},"NetworkInterface":{"type":"object","additionalProperties":false,"required":["interface_name","mac_address"],"properties":{"interface_name":{"type":"string","minLength":1,"maxLength":255},"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"serial":{"type":"string","maxLength":255},"model":{"type":"string","maxLength":255},"manufacturer":{"type":"string","maxLength":255},"firmware_version":{"type":"string","maxLength":255},"extended_data":{"type":"object","additionalProperties":true,"maxProperties":1024}}}}};
const schema6 = {"type":"object","additionalProperties":false,"required":["interface_name","mac_address"],"properties":{"interface_name":{"type":"string","minLength":1,"maxLength":255},"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"serial":{"type":"string","maxLength":255},"model":{"type":"string","maxLength":255},"manufacturer":{"type":"string","maxLength":255},"firmware_version":{"type":"string","maxLength":255},"extended_data":{"type":"object","additionalProperties":true,"maxProperties":1024}}};
const schema7 = {"type":"object","additionalProperties":false,"anyOf":[{"required":["id"],"properties":{"id":true}},{"required":["xname"],"properties":{"xname":true}},{"required":["mac_address"],"properties":{"mac_address":true}}],"properties":{"id":{"type":"string","format":"uuid","readOnly":false},"xname":{"type":"string","format":"xname-bmc"},"username":{"type":"string","minLength":1,"maxLength":255},"password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"pattern":"^(?!\\*{6}$)"},"password_set":{"type":"boolean","readOnly":true},"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"location_string":{"type":"string","maxLength":255}}};
const schema8 = {"type":"object","additionalProperties":false,"properties":{"id":{"type":"string","format":"uuid"},"kernel_url":{"type":"string","maxLength":2048},"kernel_command_line":{"type":"string","maxLength":8192},"image_url":{"type":"string","maxLength":2048}}};
const formats10 = FORMATS["xname-node"];
const formats24 = FORMATS.uuid;
const formats50 = FORMATS["date-time"];

function validate5(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate5.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.hostname === undefined) || (!(func0.call(data, "hostname")))) && (missing0 = "hostname")) || (((data.architecture === undefined) || (!(func0.call(data, "architecture")))) && (missing0 = "architecture"))){
validate5.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
const _errs1 = errors;
for(const key0 of Object.keys(data)){
if(!(func0.call(schema5.properties, key0))){
validate5.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.hostname !== undefined && func0.call(data, "hostname")){
let data0 = data.hostname;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(data0.length < 2 && (data0.length < 1 || func5(data0) < 1)){
validate5.errors = [{instancePath:instancePath+"/hostname",schemaPath:"#/properties/hostname/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data0.length > 253 && func5(data0) > 253){
validate5.errors = [{instancePath:instancePath+"/hostname",schemaPath:"#/properties/hostname/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"}];
return false;
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/hostname",schemaPath:"#/properties/hostname/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.xname !== undefined && func0.call(data, "xname")){
let data1 = data.xname;
const _errs4 = errors;
if(errors === _errs4){
if(errors === _errs4){
if(typeof data1 === "string"){
if(!(formats10(data1))){
validate5.errors = [{instancePath:instancePath+"/xname",schemaPath:"#/properties/xname/format",keyword:"format",params:{format: "xname-node"},message:"must match format \""+"xname-node"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/xname",schemaPath:"#/properties/xname/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.architecture !== undefined && func0.call(data, "architecture")){
let data2 = data.architecture;
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(data2.length < 2 && (data2.length < 1 || func5(data2) < 1)){
validate5.errors = [{instancePath:instancePath+"/architecture",schemaPath:"#/properties/architecture/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data2.length > 255 && func5(data2) > 255){
validate5.errors = [{instancePath:instancePath+"/architecture",schemaPath:"#/properties/architecture/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/architecture",schemaPath:"#/properties/architecture/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.boot_mac !== undefined && func0.call(data, "boot_mac")){
let data3 = data.boot_mac;
const _errs8 = errors;
if(errors === _errs8){
if(errors === _errs8){
if(typeof data3 === "string"){
if(!(formats2(data3))){
validate5.errors = [{instancePath:instancePath+"/boot_mac",schemaPath:"#/properties/boot_mac/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/boot_mac",schemaPath:"#/properties/boot_mac/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.boot_ipv4_address !== undefined && func0.call(data, "boot_ipv4_address")){
let data4 = data.boot_ipv4_address;
const _errs10 = errors;
if(errors === _errs10){
if(errors === _errs10){
if(typeof data4 === "string"){
if(!(formats4(data4))){
validate5.errors = [{instancePath:instancePath+"/boot_ipv4_address",schemaPath:"#/properties/boot_ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/boot_ipv4_address",schemaPath:"#/properties/boot_ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.boot_ipv6_address !== undefined && func0.call(data, "boot_ipv6_address")){
let data5 = data.boot_ipv6_address;
const _errs12 = errors;
if(errors === _errs12){
if(errors === _errs12){
if(typeof data5 === "string"){
if(!(formats6(data5))){
validate5.errors = [{instancePath:instancePath+"/boot_ipv6_address",schemaPath:"#/properties/boot_ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/boot_ipv6_address",schemaPath:"#/properties/boot_ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.network_interfaces !== undefined && func0.call(data, "network_interfaces")){
let data6 = data.network_interfaces;
const _errs14 = errors;
if(errors === _errs14){
if(Array.isArray(data6)){
if(data6.length > 256){
validate5.errors = [{instancePath:instancePath+"/network_interfaces",schemaPath:"#/properties/network_interfaces/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items"}];
return false;
}
else {
var valid1 = true;
const len0 = data6.length;
for(let i0=0; i0<len0; i0++){
let data7 = data6[i0];
const _errs16 = errors;
const _errs17 = errors;
if(errors === _errs17){
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
let missing1;
if((((data7.interface_name === undefined) || (!(func0.call(data7, "interface_name")))) && (missing1 = "interface_name")) || (((data7.mac_address === undefined) || (!(func0.call(data7, "mac_address")))) && (missing1 = "mac_address"))){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0,schemaPath:"#/$defs/NetworkInterface/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
const _errs19 = errors;
for(const key1 of Object.keys(data7)){
if(!(func0.call(schema6.properties, key1))){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0,schemaPath:"#/$defs/NetworkInterface/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs19 === errors){
if(data7.interface_name !== undefined && func0.call(data7, "interface_name")){
let data8 = data7.interface_name;
const _errs20 = errors;
if(errors === _errs20){
if(typeof data8 === "string"){
if(data8.length < 2 && (data8.length < 1 || func5(data8) < 1)){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data8.length > 255 && func5(data8) > 255){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs20 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data7.mac_address !== undefined && func0.call(data7, "mac_address")){
let data9 = data7.mac_address;
const _errs22 = errors;
if(errors === _errs22){
if(errors === _errs22){
if(typeof data9 === "string"){
if(!(formats2(data9))){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid3 = _errs22 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data7.ipv4_address !== undefined && func0.call(data7, "ipv4_address")){
let data10 = data7.ipv4_address;
const _errs24 = errors;
if(errors === _errs24){
if(errors === _errs24){
if(typeof data10 === "string"){
if(!(formats4(data10))){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid3 = _errs24 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data7.ipv6_address !== undefined && func0.call(data7, "ipv6_address")){
let data11 = data7.ipv6_address;
const _errs26 = errors;
if(errors === _errs26){
if(errors === _errs26){
if(typeof data11 === "string"){
if(!(formats6(data11))){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid3 = _errs26 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data7.description !== undefined && func0.call(data7, "description")){
let data12 = data7.description;
const _errs28 = errors;
if(errors === _errs28){
if(typeof data12 === "string"){
if(data12.length > 4096 && func5(data12) > 4096){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs28 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data7.serial !== undefined && func0.call(data7, "serial")){
let data13 = data7.serial;
const _errs30 = errors;
if(errors === _errs30){
if(typeof data13 === "string"){
if(data13.length > 255 && func5(data13) > 255){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs30 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data7.model !== undefined && func0.call(data7, "model")){
let data14 = data7.model;
const _errs32 = errors;
if(errors === _errs32){
if(typeof data14 === "string"){
if(data14.length > 255 && func5(data14) > 255){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs32 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data7.manufacturer !== undefined && func0.call(data7, "manufacturer")){
let data15 = data7.manufacturer;
const _errs34 = errors;
if(errors === _errs34){
if(typeof data15 === "string"){
if(data15.length > 255 && func5(data15) > 255){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs34 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data7.firmware_version !== undefined && func0.call(data7, "firmware_version")){
let data16 = data7.firmware_version;
const _errs36 = errors;
if(errors === _errs36){
if(typeof data16 === "string"){
if(data16.length > 255 && func5(data16) > 255){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs36 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data7.extended_data !== undefined && func0.call(data7, "extended_data")){
let data17 = data7.extended_data;
const _errs38 = errors;
if(errors === _errs38){
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
if(Object.keys(data17).length > 1024){
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid3 = _errs38 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces/" + i0,schemaPath:"#/$defs/NetworkInterface/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid1 = _errs16 === errors;
if(!valid1){
break;
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/network_interfaces",schemaPath:"#/properties/network_interfaces/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs14 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.bmc !== undefined && func0.call(data, "bmc")){
let data18 = data.bmc;
const _errs41 = errors;
const _errs42 = errors;
const _errs44 = errors;
let valid5 = false;
const _errs45 = errors;
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
let missing2;
if(((data18.id === undefined) || (!(func0.call(data18, "id")))) && (missing2 = "id")){
const err0 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/anyOf/0/required",keyword:"required",params:{missingProperty: missing2},message:"must have required property '"+missing2+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
var _valid0 = _errs45 === errors;
valid5 = valid5 || _valid0;
if(_valid0){
var props0 = {};
props0.id = true;
}
const _errs46 = errors;
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
let missing3;
if(((data18.xname === undefined) || (!(func0.call(data18, "xname")))) && (missing3 = "xname")){
const err1 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/anyOf/1/required",keyword:"required",params:{missingProperty: missing3},message:"must have required property '"+missing3+"'"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var _valid0 = _errs46 === errors;
valid5 = valid5 || _valid0;
if(_valid0){
if(props0 !== true){
props0 = props0 || {};
props0.xname = true;
}
}
const _errs47 = errors;
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
let missing4;
if(((data18.mac_address === undefined) || (!(func0.call(data18, "mac_address")))) && (missing4 = "mac_address")){
const err2 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/anyOf/2/required",keyword:"required",params:{missingProperty: missing4},message:"must have required property '"+missing4+"'"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
var _valid0 = _errs47 === errors;
valid5 = valid5 || _valid0;
if(_valid0){
if(props0 !== true){
props0 = props0 || {};
props0.mac_address = true;
}
}
if(!valid5){
const err3 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
validate5.errors = vErrors;
return false;
}
else {
errors = _errs44;
if(vErrors !== null){
if(_errs44){
vErrors.length = _errs44;
}
else {
vErrors = null;
}
}
}
if(errors === _errs42){
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
const _errs48 = errors;
for(const key2 of Object.keys(data18)){
if(!(func0.call(schema7.properties, key2))){
validate5.errors = [{instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs48 === errors){
if(data18.id !== undefined && func0.call(data18, "id")){
let data19 = data18.id;
const _errs49 = errors;
if(errors === _errs49){
if(errors === _errs49){
if(typeof data19 === "string"){
if(!(formats24(data19))){
validate5.errors = [{instancePath:instancePath+"/bmc/id",schemaPath:"#/$defs/NodeBMC/properties/id/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc/id",schemaPath:"#/$defs/NodeBMC/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid6 = _errs49 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data18.xname !== undefined && func0.call(data18, "xname")){
let data20 = data18.xname;
const _errs51 = errors;
if(errors === _errs51){
if(errors === _errs51){
if(typeof data20 === "string"){
if(!(formats0(data20))){
validate5.errors = [{instancePath:instancePath+"/bmc/xname",schemaPath:"#/$defs/NodeBMC/properties/xname/format",keyword:"format",params:{format: "xname-bmc"},message:"must match format \""+"xname-bmc"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc/xname",schemaPath:"#/$defs/NodeBMC/properties/xname/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid6 = _errs51 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data18.username !== undefined && func0.call(data18, "username")){
let data21 = data18.username;
const _errs53 = errors;
if(errors === _errs53){
if(typeof data21 === "string"){
if(data21.length < 2 && (data21.length < 1 || func5(data21) < 1)){
validate5.errors = [{instancePath:instancePath+"/bmc/username",schemaPath:"#/$defs/NodeBMC/properties/username/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data21.length > 255 && func5(data21) > 255){
validate5.errors = [{instancePath:instancePath+"/bmc/username",schemaPath:"#/$defs/NodeBMC/properties/username/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc/username",schemaPath:"#/$defs/NodeBMC/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs53 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data18.password !== undefined && func0.call(data18, "password")){
let data22 = data18.password;
const _errs55 = errors;
if(errors === _errs55){
if(typeof data22 === "string"){
if(!pattern1.test(data22)){
validate5.errors = [{instancePath:instancePath+"/bmc/password",schemaPath:"#/$defs/NodeBMC/properties/password/pattern",keyword:"pattern",params:{pattern: "^(?!\\*{6}$)"},message:"must match pattern \""+"^(?!\\*{6}$)"+"\""}];
return false;
}
else {
if(data22.length < 2 && (data22.length < 1 || func5(data22) < 1)){
validate5.errors = [{instancePath:instancePath+"/bmc/password",schemaPath:"#/$defs/NodeBMC/properties/password/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data22.length > 1024 && func5(data22) > 1024){
validate5.errors = [{instancePath:instancePath+"/bmc/password",schemaPath:"#/$defs/NodeBMC/properties/password/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc/password",schemaPath:"#/$defs/NodeBMC/properties/password/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs55 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data18.password_set !== undefined && func0.call(data18, "password_set")){
const _errs57 = errors;
if(typeof data18.password_set !== "boolean"){
validate5.errors = [{instancePath:instancePath+"/bmc/password_set",schemaPath:"#/$defs/NodeBMC/properties/password_set/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid6 = _errs57 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data18.mac_address !== undefined && func0.call(data18, "mac_address")){
let data24 = data18.mac_address;
const _errs59 = errors;
if(errors === _errs59){
if(errors === _errs59){
if(typeof data24 === "string"){
if(!(formats2(data24))){
validate5.errors = [{instancePath:instancePath+"/bmc/mac_address",schemaPath:"#/$defs/NodeBMC/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc/mac_address",schemaPath:"#/$defs/NodeBMC/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid6 = _errs59 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data18.ipv4_address !== undefined && func0.call(data18, "ipv4_address")){
let data25 = data18.ipv4_address;
const _errs61 = errors;
if(errors === _errs61){
if(errors === _errs61){
if(typeof data25 === "string"){
if(!(formats4(data25))){
validate5.errors = [{instancePath:instancePath+"/bmc/ipv4_address",schemaPath:"#/$defs/NodeBMC/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc/ipv4_address",schemaPath:"#/$defs/NodeBMC/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid6 = _errs61 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data18.ipv6_address !== undefined && func0.call(data18, "ipv6_address")){
let data26 = data18.ipv6_address;
const _errs63 = errors;
if(errors === _errs63){
if(errors === _errs63){
if(typeof data26 === "string"){
if(!(formats6(data26))){
validate5.errors = [{instancePath:instancePath+"/bmc/ipv6_address",schemaPath:"#/$defs/NodeBMC/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc/ipv6_address",schemaPath:"#/$defs/NodeBMC/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid6 = _errs63 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data18.description !== undefined && func0.call(data18, "description")){
let data27 = data18.description;
const _errs65 = errors;
if(errors === _errs65){
if(typeof data27 === "string"){
if(data27.length > 4096 && func5(data27) > 4096){
validate5.errors = [{instancePath:instancePath+"/bmc/description",schemaPath:"#/$defs/NodeBMC/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc/description",schemaPath:"#/$defs/NodeBMC/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs65 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data18.location_string !== undefined && func0.call(data18, "location_string")){
let data28 = data18.location_string;
const _errs67 = errors;
if(errors === _errs67){
if(typeof data28 === "string"){
if(data28.length > 255 && func5(data28) > 255){
validate5.errors = [{instancePath:instancePath+"/bmc/location_string",schemaPath:"#/$defs/NodeBMC/properties/location_string/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc/location_string",schemaPath:"#/$defs/NodeBMC/properties/location_string/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs67 === errors;
}
else {
var valid6 = true;
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs41 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.description !== undefined && func0.call(data, "description")){
let data29 = data.description;
const _errs69 = errors;
if(errors === _errs69){
if(typeof data29 === "string"){
if(data29.length > 4096 && func5(data29) > 4096){
validate5.errors = [{instancePath:instancePath+"/description",schemaPath:"#/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/description",schemaPath:"#/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs69 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.boot_data !== undefined && func0.call(data, "boot_data")){
let data30 = data.boot_data;
const _errs71 = errors;
const _errs72 = errors;
if(errors === _errs72){
if(data30 && typeof data30 == "object" && !Array.isArray(data30)){
const _errs74 = errors;
for(const key3 of Object.keys(data30)){
if(!((((key3 === "id") || (key3 === "kernel_url")) || (key3 === "kernel_command_line")) || (key3 === "image_url"))){
validate5.errors = [{instancePath:instancePath+"/boot_data",schemaPath:"#/$defs/BootData/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs74 === errors){
if(data30.id !== undefined && func0.call(data30, "id")){
let data31 = data30.id;
const _errs75 = errors;
if(errors === _errs75){
if(errors === _errs75){
if(typeof data31 === "string"){
if(!(formats24(data31))){
validate5.errors = [{instancePath:instancePath+"/boot_data/id",schemaPath:"#/$defs/BootData/properties/id/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/boot_data/id",schemaPath:"#/$defs/BootData/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid8 = _errs75 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data30.kernel_url !== undefined && func0.call(data30, "kernel_url")){
let data32 = data30.kernel_url;
const _errs77 = errors;
if(errors === _errs77){
if(typeof data32 === "string"){
if(data32.length > 2048 && func5(data32) > 2048){
validate5.errors = [{instancePath:instancePath+"/boot_data/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/boot_data/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs77 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data30.kernel_command_line !== undefined && func0.call(data30, "kernel_command_line")){
let data33 = data30.kernel_command_line;
const _errs79 = errors;
if(errors === _errs79){
if(typeof data33 === "string"){
if(data33.length > 8192 && func5(data33) > 8192){
validate5.errors = [{instancePath:instancePath+"/boot_data/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/maxLength",keyword:"maxLength",params:{limit: 8192},message:"must NOT have more than 8192 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/boot_data/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs79 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data30.image_url !== undefined && func0.call(data30, "image_url")){
let data34 = data30.image_url;
const _errs81 = errors;
if(errors === _errs81){
if(typeof data34 === "string"){
if(data34.length > 2048 && func5(data34) > 2048){
validate5.errors = [{instancePath:instancePath+"/boot_data/image_url",schemaPath:"#/$defs/BootData/properties/image_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/boot_data/image_url",schemaPath:"#/$defs/BootData/properties/image_url/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs81 === errors;
}
else {
var valid8 = true;
}
}
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/boot_data",schemaPath:"#/$defs/BootData/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs71 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.location_string !== undefined && func0.call(data, "location_string")){
let data35 = data.location_string;
const _errs83 = errors;
if(errors === _errs83){
if(typeof data35 === "string"){
if(data35.length > 255 && func5(data35) > 255){
validate5.errors = [{instancePath:instancePath+"/location_string",schemaPath:"#/properties/location_string/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/location_string",schemaPath:"#/properties/location_string/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs83 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.spec !== undefined && func0.call(data, "spec")){
let data36 = data.spec;
const _errs85 = errors;
if(errors === _errs85){
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
const _errs87 = errors;
for(const key4 of Object.keys(data36)){
if(!(func0.call(schema5.properties.spec.properties, key4))){
validate5.errors = [{instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs87 === errors){
if(data36.hostname !== undefined && func0.call(data36, "hostname")){
let data37 = data36.hostname;
const _errs88 = errors;
if(errors === _errs88){
if(typeof data37 === "string"){
if(data37.length > 253 && func5(data37) > 253){
validate5.errors = [{instancePath:instancePath+"/spec/hostname",schemaPath:"#/properties/spec/properties/hostname/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/hostname",schemaPath:"#/properties/spec/properties/hostname/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid9 = _errs88 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data36.boot_mac !== undefined && func0.call(data36, "boot_mac")){
let data38 = data36.boot_mac;
const _errs90 = errors;
if(errors === _errs90){
if(errors === _errs90){
if(typeof data38 === "string"){
if(!(formats2(data38))){
validate5.errors = [{instancePath:instancePath+"/spec/boot_mac",schemaPath:"#/properties/spec/properties/boot_mac/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/boot_mac",schemaPath:"#/properties/spec/properties/boot_mac/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid9 = _errs90 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data36.boot_ipv4_address !== undefined && func0.call(data36, "boot_ipv4_address")){
let data39 = data36.boot_ipv4_address;
const _errs92 = errors;
if(errors === _errs92){
if(errors === _errs92){
if(typeof data39 === "string"){
if(!(formats4(data39))){
validate5.errors = [{instancePath:instancePath+"/spec/boot_ipv4_address",schemaPath:"#/properties/spec/properties/boot_ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/boot_ipv4_address",schemaPath:"#/properties/spec/properties/boot_ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid9 = _errs92 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data36.boot_ipv6_address !== undefined && func0.call(data36, "boot_ipv6_address")){
let data40 = data36.boot_ipv6_address;
const _errs94 = errors;
if(errors === _errs94){
if(errors === _errs94){
if(typeof data40 === "string"){
if(!(formats6(data40))){
validate5.errors = [{instancePath:instancePath+"/spec/boot_ipv6_address",schemaPath:"#/properties/spec/properties/boot_ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/boot_ipv6_address",schemaPath:"#/properties/spec/properties/boot_ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid9 = _errs94 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data36.bmc_endpoint !== undefined && func0.call(data36, "bmc_endpoint")){
let data41 = data36.bmc_endpoint;
const _errs96 = errors;
if(errors === _errs96){
if(typeof data41 === "string"){
if(data41.length > 2048 && func5(data41) > 2048){
validate5.errors = [{instancePath:instancePath+"/spec/bmc_endpoint",schemaPath:"#/properties/spec/properties/bmc_endpoint/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/bmc_endpoint",schemaPath:"#/properties/spec/properties/bmc_endpoint/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid9 = _errs96 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data36.bmc_username !== undefined && func0.call(data36, "bmc_username")){
let data42 = data36.bmc_username;
const _errs98 = errors;
if(errors === _errs98){
if(typeof data42 === "string"){
if(data42.length > 255 && func5(data42) > 255){
validate5.errors = [{instancePath:instancePath+"/spec/bmc_username",schemaPath:"#/properties/spec/properties/bmc_username/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/bmc_username",schemaPath:"#/properties/spec/properties/bmc_username/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid9 = _errs98 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data36.bmc_password !== undefined && func0.call(data36, "bmc_password")){
let data43 = data36.bmc_password;
const _errs100 = errors;
if(errors === _errs100){
if(typeof data43 === "string"){
if(!pattern1.test(data43)){
validate5.errors = [{instancePath:instancePath+"/spec/bmc_password",schemaPath:"#/properties/spec/properties/bmc_password/pattern",keyword:"pattern",params:{pattern: "^(?!\\*{6}$)"},message:"must match pattern \""+"^(?!\\*{6}$)"+"\""}];
return false;
}
else {
if(data43.length < 2 && (data43.length < 1 || func5(data43) < 1)){
validate5.errors = [{instancePath:instancePath+"/spec/bmc_password",schemaPath:"#/properties/spec/properties/bmc_password/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data43.length > 1024 && func5(data43) > 1024){
validate5.errors = [{instancePath:instancePath+"/spec/bmc_password",schemaPath:"#/properties/spec/properties/bmc_password/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/bmc_password",schemaPath:"#/properties/spec/properties/bmc_password/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid9 = _errs100 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data36.bmc_password_set !== undefined && func0.call(data36, "bmc_password_set")){
const _errs103 = errors;
if(typeof data36.bmc_password_set !== "boolean"){
validate5.errors = [{instancePath:instancePath+"/spec/bmc_password_set",schemaPath:"#/properties/spec/properties/bmc_password_set/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid9 = _errs103 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data36.network_interfaces !== undefined && func0.call(data36, "network_interfaces")){
let data45 = data36.network_interfaces;
const _errs105 = errors;
if(errors === _errs105){
if(Array.isArray(data45)){
if(data45.length > 256){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces",schemaPath:"#/properties/spec/properties/network_interfaces/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items"}];
return false;
}
else {
var valid10 = true;
const len1 = data45.length;
for(let i1=0; i1<len1; i1++){
let data46 = data45[i1];
const _errs107 = errors;
const _errs108 = errors;
if(errors === _errs108){
if(data46 && typeof data46 == "object" && !Array.isArray(data46)){
let missing5;
if((((data46.interface_name === undefined) || (!(func0.call(data46, "interface_name")))) && (missing5 = "interface_name")) || (((data46.mac_address === undefined) || (!(func0.call(data46, "mac_address")))) && (missing5 = "mac_address"))){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1,schemaPath:"#/$defs/NetworkInterface/required",keyword:"required",params:{missingProperty: missing5},message:"must have required property '"+missing5+"'"}];
return false;
}
else {
const _errs110 = errors;
for(const key5 of Object.keys(data46)){
if(!(func0.call(schema6.properties, key5))){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1,schemaPath:"#/$defs/NetworkInterface/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs110 === errors){
if(data46.interface_name !== undefined && func0.call(data46, "interface_name")){
let data47 = data46.interface_name;
const _errs111 = errors;
if(errors === _errs111){
if(typeof data47 === "string"){
if(data47.length < 2 && (data47.length < 1 || func5(data47) < 1)){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data47.length > 255 && func5(data47) > 255){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid12 = _errs111 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data46.mac_address !== undefined && func0.call(data46, "mac_address")){
let data48 = data46.mac_address;
const _errs113 = errors;
if(errors === _errs113){
if(errors === _errs113){
if(typeof data48 === "string"){
if(!(formats2(data48))){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid12 = _errs113 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data46.ipv4_address !== undefined && func0.call(data46, "ipv4_address")){
let data49 = data46.ipv4_address;
const _errs115 = errors;
if(errors === _errs115){
if(errors === _errs115){
if(typeof data49 === "string"){
if(!(formats4(data49))){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid12 = _errs115 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data46.ipv6_address !== undefined && func0.call(data46, "ipv6_address")){
let data50 = data46.ipv6_address;
const _errs117 = errors;
if(errors === _errs117){
if(errors === _errs117){
if(typeof data50 === "string"){
if(!(formats6(data50))){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid12 = _errs117 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data46.description !== undefined && func0.call(data46, "description")){
let data51 = data46.description;
const _errs119 = errors;
if(errors === _errs119){
if(typeof data51 === "string"){
if(data51.length > 4096 && func5(data51) > 4096){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid12 = _errs119 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data46.serial !== undefined && func0.call(data46, "serial")){
let data52 = data46.serial;
const _errs121 = errors;
if(errors === _errs121){
if(typeof data52 === "string"){
if(data52.length > 255 && func5(data52) > 255){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid12 = _errs121 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data46.model !== undefined && func0.call(data46, "model")){
let data53 = data46.model;
const _errs123 = errors;
if(errors === _errs123){
if(typeof data53 === "string"){
if(data53.length > 255 && func5(data53) > 255){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid12 = _errs123 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data46.manufacturer !== undefined && func0.call(data46, "manufacturer")){
let data54 = data46.manufacturer;
const _errs125 = errors;
if(errors === _errs125){
if(typeof data54 === "string"){
if(data54.length > 255 && func5(data54) > 255){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid12 = _errs125 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data46.firmware_version !== undefined && func0.call(data46, "firmware_version")){
let data55 = data46.firmware_version;
const _errs127 = errors;
if(errors === _errs127){
if(typeof data55 === "string"){
if(data55.length > 255 && func5(data55) > 255){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid12 = _errs127 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data46.extended_data !== undefined && func0.call(data46, "extended_data")){
let data56 = data46.extended_data;
const _errs129 = errors;
if(errors === _errs129){
if(data56 && typeof data56 == "object" && !Array.isArray(data56)){
if(Object.keys(data56).length > 1024){
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid12 = _errs129 === errors;
}
else {
var valid12 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces/" + i1,schemaPath:"#/$defs/NetworkInterface/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid10 = _errs107 === errors;
if(!valid10){
break;
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/network_interfaces",schemaPath:"#/properties/spec/properties/network_interfaces/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid9 = _errs105 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data36.boot_configuration !== undefined && func0.call(data36, "boot_configuration")){
let data57 = data36.boot_configuration;
const _errs132 = errors;
const _errs133 = errors;
if(errors === _errs133){
if(data57 && typeof data57 == "object" && !Array.isArray(data57)){
const _errs135 = errors;
for(const key6 of Object.keys(data57)){
if(!((((key6 === "id") || (key6 === "kernel_url")) || (key6 === "kernel_command_line")) || (key6 === "image_url"))){
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration",schemaPath:"#/$defs/BootData/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs135 === errors){
if(data57.id !== undefined && func0.call(data57, "id")){
let data58 = data57.id;
const _errs136 = errors;
if(errors === _errs136){
if(errors === _errs136){
if(typeof data58 === "string"){
if(!(formats24(data58))){
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration/id",schemaPath:"#/$defs/BootData/properties/id/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration/id",schemaPath:"#/$defs/BootData/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid14 = _errs136 === errors;
}
else {
var valid14 = true;
}
if(valid14){
if(data57.kernel_url !== undefined && func0.call(data57, "kernel_url")){
let data59 = data57.kernel_url;
const _errs138 = errors;
if(errors === _errs138){
if(typeof data59 === "string"){
if(data59.length > 2048 && func5(data59) > 2048){
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid14 = _errs138 === errors;
}
else {
var valid14 = true;
}
if(valid14){
if(data57.kernel_command_line !== undefined && func0.call(data57, "kernel_command_line")){
let data60 = data57.kernel_command_line;
const _errs140 = errors;
if(errors === _errs140){
if(typeof data60 === "string"){
if(data60.length > 8192 && func5(data60) > 8192){
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/maxLength",keyword:"maxLength",params:{limit: 8192},message:"must NOT have more than 8192 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid14 = _errs140 === errors;
}
else {
var valid14 = true;
}
if(valid14){
if(data57.image_url !== undefined && func0.call(data57, "image_url")){
let data61 = data57.image_url;
const _errs142 = errors;
if(errors === _errs142){
if(typeof data61 === "string"){
if(data61.length > 2048 && func5(data61) > 2048){
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration/image_url",schemaPath:"#/$defs/BootData/properties/image_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration/image_url",schemaPath:"#/$defs/BootData/properties/image_url/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid14 = _errs142 === errors;
}
else {
var valid14 = true;
}
}
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec/boot_configuration",schemaPath:"#/$defs/BootData/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid9 = _errs132 === errors;
}
else {
var valid9 = true;
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs85 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined && func0.call(data, "status")){
let data62 = data.status;
const _errs144 = errors;
if(errors === _errs144){
if(data62 && typeof data62 == "object" && !Array.isArray(data62)){
const _errs146 = errors;
for(const key7 of Object.keys(data62)){
if(!((((key7 === "power_state") || (key7 === "boot_configuration")) || (key7 === "network_interfaces")) || (key7 === "extended_data"))){
validate5.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs146 === errors){
if(data62.power_state !== undefined && func0.call(data62, "power_state")){
let data63 = data62.power_state;
const _errs147 = errors;
if(errors === _errs147){
if(data63 && typeof data63 == "object" && !Array.isArray(data63)){
const _errs149 = errors;
for(const key8 of Object.keys(data63)){
if(!((key8 === "on") || (key8 === "last_updated"))){
validate5.errors = [{instancePath:instancePath+"/status/power_state",schemaPath:"#/properties/status/properties/power_state/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs149 === errors){
if(data63.on !== undefined && func0.call(data63, "on")){
const _errs150 = errors;
if(typeof data63.on !== "boolean"){
validate5.errors = [{instancePath:instancePath+"/status/power_state/on",schemaPath:"#/properties/status/properties/power_state/properties/on/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid16 = _errs150 === errors;
}
else {
var valid16 = true;
}
if(valid16){
if(data63.last_updated !== undefined && func0.call(data63, "last_updated")){
let data65 = data63.last_updated;
const _errs152 = errors;
if(errors === _errs152){
if(errors === _errs152){
if(typeof data65 === "string"){
if(!(formats50(data65))){
validate5.errors = [{instancePath:instancePath+"/status/power_state/last_updated",schemaPath:"#/properties/status/properties/power_state/properties/last_updated/format",keyword:"format",params:{format: "date-time"},message:"must match format \""+"date-time"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/power_state/last_updated",schemaPath:"#/properties/status/properties/power_state/properties/last_updated/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid16 = _errs152 === errors;
}
else {
var valid16 = true;
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/power_state",schemaPath:"#/properties/status/properties/power_state/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid15 = _errs147 === errors;
}
else {
var valid15 = true;
}
if(valid15){
if(data62.boot_configuration !== undefined && func0.call(data62, "boot_configuration")){
let data66 = data62.boot_configuration;
const _errs154 = errors;
if(errors === _errs154){
if(data66 && typeof data66 == "object" && !Array.isArray(data66)){
const _errs156 = errors;
for(const key9 of Object.keys(data66)){
if(!((key9 === "boot_data") || (key9 === "last_updated"))){
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration",schemaPath:"#/properties/status/properties/boot_configuration/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs156 === errors){
if(data66.boot_data !== undefined && func0.call(data66, "boot_data")){
let data67 = data66.boot_data;
const _errs157 = errors;
const _errs158 = errors;
if(errors === _errs158){
if(data67 && typeof data67 == "object" && !Array.isArray(data67)){
const _errs160 = errors;
for(const key10 of Object.keys(data67)){
if(!((((key10 === "id") || (key10 === "kernel_url")) || (key10 === "kernel_command_line")) || (key10 === "image_url"))){
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data",schemaPath:"#/$defs/BootData/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs160 === errors){
if(data67.id !== undefined && func0.call(data67, "id")){
let data68 = data67.id;
const _errs161 = errors;
if(errors === _errs161){
if(errors === _errs161){
if(typeof data68 === "string"){
if(!(formats24(data68))){
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data/id",schemaPath:"#/$defs/BootData/properties/id/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data/id",schemaPath:"#/$defs/BootData/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid19 = _errs161 === errors;
}
else {
var valid19 = true;
}
if(valid19){
if(data67.kernel_url !== undefined && func0.call(data67, "kernel_url")){
let data69 = data67.kernel_url;
const _errs163 = errors;
if(errors === _errs163){
if(typeof data69 === "string"){
if(data69.length > 2048 && func5(data69) > 2048){
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid19 = _errs163 === errors;
}
else {
var valid19 = true;
}
if(valid19){
if(data67.kernel_command_line !== undefined && func0.call(data67, "kernel_command_line")){
let data70 = data67.kernel_command_line;
const _errs165 = errors;
if(errors === _errs165){
if(typeof data70 === "string"){
if(data70.length > 8192 && func5(data70) > 8192){
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/maxLength",keyword:"maxLength",params:{limit: 8192},message:"must NOT have more than 8192 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid19 = _errs165 === errors;
}
else {
var valid19 = true;
}
if(valid19){
if(data67.image_url !== undefined && func0.call(data67, "image_url")){
let data71 = data67.image_url;
const _errs167 = errors;
if(errors === _errs167){
if(typeof data71 === "string"){
if(data71.length > 2048 && func5(data71) > 2048){
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data/image_url",schemaPath:"#/$defs/BootData/properties/image_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data/image_url",schemaPath:"#/$defs/BootData/properties/image_url/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid19 = _errs167 === errors;
}
else {
var valid19 = true;
}
}
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/boot_data",schemaPath:"#/$defs/BootData/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid17 = _errs157 === errors;
}
else {
var valid17 = true;
}
if(valid17){
if(data66.last_updated !== undefined && func0.call(data66, "last_updated")){
let data72 = data66.last_updated;
const _errs169 = errors;
if(errors === _errs169){
if(errors === _errs169){
if(typeof data72 === "string"){
if(!(formats50(data72))){
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/last_updated",schemaPath:"#/properties/status/properties/boot_configuration/properties/last_updated/format",keyword:"format",params:{format: "date-time"},message:"must match format \""+"date-time"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration/last_updated",schemaPath:"#/properties/status/properties/boot_configuration/properties/last_updated/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid17 = _errs169 === errors;
}
else {
var valid17 = true;
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/boot_configuration",schemaPath:"#/properties/status/properties/boot_configuration/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid15 = _errs154 === errors;
}
else {
var valid15 = true;
}
if(valid15){
if(data62.network_interfaces !== undefined && func0.call(data62, "network_interfaces")){
let data73 = data62.network_interfaces;
const _errs171 = errors;
if(errors === _errs171){
if(Array.isArray(data73)){
if(data73.length > 256){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces",schemaPath:"#/properties/status/properties/network_interfaces/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items"}];
return false;
}
else {
var valid20 = true;
const len2 = data73.length;
for(let i2=0; i2<len2; i2++){
let data74 = data73[i2];
const _errs173 = errors;
const _errs174 = errors;
if(errors === _errs174){
if(data74 && typeof data74 == "object" && !Array.isArray(data74)){
let missing6;
if((((data74.interface_name === undefined) || (!(func0.call(data74, "interface_name")))) && (missing6 = "interface_name")) || (((data74.mac_address === undefined) || (!(func0.call(data74, "mac_address")))) && (missing6 = "mac_address"))){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2,schemaPath:"#/$defs/NetworkInterface/required",keyword:"required",params:{missingProperty: missing6},message:"must have required property '"+missing6+"'"}];
return false;
}
else {
const _errs176 = errors;
for(const key11 of Object.keys(data74)){
if(!(func0.call(schema6.properties, key11))){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2,schemaPath:"#/$defs/NetworkInterface/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs176 === errors){
if(data74.interface_name !== undefined && func0.call(data74, "interface_name")){
let data75 = data74.interface_name;
const _errs177 = errors;
if(errors === _errs177){
if(typeof data75 === "string"){
if(data75.length < 2 && (data75.length < 1 || func5(data75) < 1)){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data75.length > 255 && func5(data75) > 255){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid22 = _errs177 === errors;
}
else {
var valid22 = true;
}
if(valid22){
if(data74.mac_address !== undefined && func0.call(data74, "mac_address")){
let data76 = data74.mac_address;
const _errs179 = errors;
if(errors === _errs179){
if(errors === _errs179){
if(typeof data76 === "string"){
if(!(formats2(data76))){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid22 = _errs179 === errors;
}
else {
var valid22 = true;
}
if(valid22){
if(data74.ipv4_address !== undefined && func0.call(data74, "ipv4_address")){
let data77 = data74.ipv4_address;
const _errs181 = errors;
if(errors === _errs181){
if(errors === _errs181){
if(typeof data77 === "string"){
if(!(formats4(data77))){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid22 = _errs181 === errors;
}
else {
var valid22 = true;
}
if(valid22){
if(data74.ipv6_address !== undefined && func0.call(data74, "ipv6_address")){
let data78 = data74.ipv6_address;
const _errs183 = errors;
if(errors === _errs183){
if(errors === _errs183){
if(typeof data78 === "string"){
if(!(formats6(data78))){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid22 = _errs183 === errors;
}
else {
var valid22 = true;
}
if(valid22){
if(data74.description !== undefined && func0.call(data74, "description")){
let data79 = data74.description;
const _errs185 = errors;
if(errors === _errs185){
if(typeof data79 === "string"){
if(data79.length > 4096 && func5(data79) > 4096){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid22 = _errs185 === errors;
}
else {
var valid22 = true;
}
if(valid22){
if(data74.serial !== undefined && func0.call(data74, "serial")){
let data80 = data74.serial;
const _errs187 = errors;
if(errors === _errs187){
if(typeof data80 === "string"){
if(data80.length > 255 && func5(data80) > 255){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid22 = _errs187 === errors;
}
else {
var valid22 = true;
}
if(valid22){
if(data74.model !== undefined && func0.call(data74, "model")){
let data81 = data74.model;
const _errs189 = errors;
if(errors === _errs189){
if(typeof data81 === "string"){
if(data81.length > 255 && func5(data81) > 255){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid22 = _errs189 === errors;
}
else {
var valid22 = true;
}
if(valid22){
if(data74.manufacturer !== undefined && func0.call(data74, "manufacturer")){
let data82 = data74.manufacturer;
const _errs191 = errors;
if(errors === _errs191){
if(typeof data82 === "string"){
if(data82.length > 255 && func5(data82) > 255){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid22 = _errs191 === errors;
}
else {
var valid22 = true;
}
if(valid22){
if(data74.firmware_version !== undefined && func0.call(data74, "firmware_version")){
let data83 = data74.firmware_version;
const _errs193 = errors;
if(errors === _errs193){
if(typeof data83 === "string"){
if(data83.length > 255 && func5(data83) > 255){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid22 = _errs193 === errors;
}
else {
var valid22 = true;
}
if(valid22){
if(data74.extended_data !== undefined && func0.call(data74, "extended_data")){
let data84 = data74.extended_data;
const _errs195 = errors;
if(errors === _errs195){
if(data84 && typeof data84 == "object" && !Array.isArray(data84)){
if(Object.keys(data84).length > 1024){
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid22 = _errs195 === errors;
}
else {
var valid22 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces/" + i2,schemaPath:"#/$defs/NetworkInterface/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid20 = _errs173 === errors;
if(!valid20){
break;
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/network_interfaces",schemaPath:"#/properties/status/properties/network_interfaces/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid15 = _errs171 === errors;
}
else {
var valid15 = true;
}
if(valid15){
if(data62.extended_data !== undefined && func0.call(data62, "extended_data")){
let data85 = data62.extended_data;
const _errs198 = errors;
if(errors === _errs198){
if(data85 && typeof data85 == "object" && !Array.isArray(data85)){
if(Object.keys(data85).length > 1024){
validate5.errors = [{instancePath:instancePath+"/status/extended_data",schemaPath:"#/properties/status/properties/extended_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"}];
return false;
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status/extended_data",schemaPath:"#/properties/status/properties/extended_data/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid15 = _errs198 === errors;
}
else {
var valid15 = true;
}
}
}
}
}
}
else {
validate5.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs144 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate5.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate5.errors = vErrors;
return errors === 0;
}
validate5.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

exports.NodeCollection = validate6;
const schema13 = {"type":"object","additionalProperties":false,"required":["name","type","nodes"],"properties":{"id":true,"name":{"type":"string","minLength":1,"maxLength":255,"pattern":"^[^\\u0000-\\u001f\\u007f]+$"},"type":{"type":"string","enum":["ad-hoc","tenant","job","partition"]},"nodes":{"type":"array","maxItems":100000,"items":{"type":"string","format":"xname-node"}},"description":{"type":"string","maxLength":4096},"creator_subject":true,"cloud_init_data":{"type":"object","additionalProperties":{"type":"string","maxLength":1048576},"maxProperties":1024},"created_at":true,"updated_at":true,"revision":true}};
const pattern4 = new RegExp("^[^\\u0000-\\u001f\\u007f]+$", "u");

function validate6(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate6.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((data.name === undefined) || (!(func0.call(data, "name")))) && (missing0 = "name")) || (((data.type === undefined) || (!(func0.call(data, "type")))) && (missing0 = "type"))) || (((data.nodes === undefined) || (!(func0.call(data, "nodes")))) && (missing0 = "nodes"))){
validate6.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
const _errs1 = errors;
for(const key0 of Object.keys(data)){
if(!(func0.call(schema13.properties, key0))){
validate6.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.name !== undefined && func0.call(data, "name")){
let data0 = data.name;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(!pattern4.test(data0)){
validate6.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u001f\\u007f]+$"},message:"must match pattern \""+"^[^\\u0000-\\u001f\\u007f]+$"+"\""}];
return false;
}
else {
if(data0.length < 2 && (data0.length < 1 || func5(data0) < 1)){
validate6.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data0.length > 255 && func5(data0) > 255){
validate6.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
}
}
else {
validate6.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.type !== undefined && func0.call(data, "type")){
let data1 = data.type;
const _errs4 = errors;
if(typeof data1 !== "string"){
validate6.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((data1 === "ad-hoc") || (data1 === "tenant")) || (data1 === "job")) || (data1 === "partition"))){
validate6.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/enum",keyword:"enum",params:{allowedValues: schema13.properties.type.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.nodes !== undefined && func0.call(data, "nodes")){
let data2 = data.nodes;
const _errs6 = errors;
if(errors === _errs6){
if(Array.isArray(data2)){
if(data2.length > 100000){
validate6.errors = [{instancePath:instancePath+"/nodes",schemaPath:"#/properties/nodes/maxItems",keyword:"maxItems",params:{limit: 100000},message:"must NOT have more than 100000 items"}];
return false;
}
else {
var valid1 = true;
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
const _errs8 = errors;
if(errors === _errs8){
if(errors === _errs8){
if(typeof data3 === "string"){
if(!(formats10(data3))){
validate6.errors = [{instancePath:instancePath+"/nodes/" + i0,schemaPath:"#/properties/nodes/items/format",keyword:"format",params:{format: "xname-node"},message:"must match format \""+"xname-node"+"\""}];
return false;
}
}
else {
validate6.errors = [{instancePath:instancePath+"/nodes/" + i0,schemaPath:"#/properties/nodes/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid1 = _errs8 === errors;
if(!valid1){
break;
}
}
}
}
else {
validate6.errors = [{instancePath:instancePath+"/nodes",schemaPath:"#/properties/nodes/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.description !== undefined && func0.call(data, "description")){
let data4 = data.description;
const _errs10 = errors;
if(errors === _errs10){
if(typeof data4 === "string"){
if(data4.length > 4096 && func5(data4) > 4096){
validate6.errors = [{instancePath:instancePath+"/description",schemaPath:"#/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
}
else {
validate6.errors = [{instancePath:instancePath+"/description",schemaPath:"#/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.cloud_init_data !== undefined && func0.call(data, "cloud_init_data")){
let data5 = data.cloud_init_data;
const _errs12 = errors;
if(errors === _errs12){
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(Object.keys(data5).length > 1024){
validate6.errors = [{instancePath:instancePath+"/cloud_init_data",schemaPath:"#/properties/cloud_init_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"}];
return false;
}
else {
for(const key1 of Object.keys(data5)){
let data6 = data5[key1];
const _errs15 = errors;
if(errors === _errs15){
if(typeof data6 === "string"){
if(data6.length > 1048576 && func5(data6) > 1048576){
validate6.errors = [{instancePath:instancePath+"/cloud_init_data/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/cloud_init_data/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 1048576},message:"must NOT have more than 1048576 characters"}];
return false;
}
}
else {
validate6.errors = [{instancePath:instancePath+"/cloud_init_data/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/cloud_init_data/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs15 === errors;
if(!valid2){
break;
}
}
}
}
else {
validate6.errors = [{instancePath:instancePath+"/cloud_init_data",schemaPath:"#/properties/cloud_init_data/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
else {
validate6.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate6.errors = vErrors;
return errors === 0;
}
validate6.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

exports.RedfishEndpoint = validate7;
const schema14 = {"type":"object","additionalProperties":false,"required":["ID"],"properties":{"ID":{"type":"string","format":"xname","minLength":1,"maxLength":255},"Type":{"type":"string","maxLength":255},"Name":{"type":"string","maxLength":255},"Hostname":{"type":"string","maxLength":253},"Domain":{"type":"string","maxLength":253},"FQDN":{"type":"string","maxLength":253},"Enabled":{"type":"boolean"},"URI":{"type":"string","maxLength":2048},"UUID":{"type":"string","format":"uuid"},"User":{"type":"string","maxLength":255},"Password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"x-holdfast-secret":"PasswordSet","pattern":"^(?!\\*{6}$)"},"PasswordSet":true,"UseSSDP":{"type":"boolean"},"MacRequired":{"type":"boolean"},"MACAddr":{"type":"string","format":"mac-address"},"IPAddress":{"type":"string","maxLength":255,"anyOf":[{"format":"ipv4"},{"format":"ipv6"}]},"RediscoverOnUpdate":{"type":"boolean"},"TemplateID":{"type":"string","maxLength":255},"DiscoveryInfo":{"type":"object","additionalProperties":false,"properties":{"LastAttempt":{"type":"string","format":"date-time"},"LastStatus":{"type":"string","enum":["EndpointInvalid","EPResponseFailedDecode","HTTPsGetFailed","NotYetQueried","VerificationFailed","ChildVerificationFailed","DiscoverOK"]},"RedfishVersion":{"type":"string","maxLength":255}}},"created_at":true,"updated_at":true,"revision":true}};

function validate7(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate7.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.ID === undefined) || (!(func0.call(data, "ID")))) && (missing0 = "ID")){
validate7.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
const _errs1 = errors;
for(const key0 of Object.keys(data)){
if(!(func0.call(schema14.properties, key0))){
validate7.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.ID !== undefined && func0.call(data, "ID")){
let data0 = data.ID;
const _errs2 = errors;
if(errors === _errs2){
if(errors === _errs2){
if(typeof data0 === "string"){
if(!(formats8(data0))){
validate7.errors = [{instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/format",keyword:"format",params:{format: "xname"},message:"must match format \""+"xname"+"\""}];
return false;
}
else {
if(data0.length < 2 && (data0.length < 1 || func5(data0) < 1)){
validate7.errors = [{instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data0.length > 255 && func5(data0) > 255){
validate7.errors = [{instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
}
}
else {
validate7.errors = [{instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Type !== undefined && func0.call(data, "Type")){
let data1 = data.Type;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data1 === "string"){
if(data1.length > 255 && func5(data1) > 255){
validate7.errors = [{instancePath:instancePath+"/Type",schemaPath:"#/properties/Type/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/Type",schemaPath:"#/properties/Type/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Name !== undefined && func0.call(data, "Name")){
let data2 = data.Name;
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(data2.length > 255 && func5(data2) > 255){
validate7.errors = [{instancePath:instancePath+"/Name",schemaPath:"#/properties/Name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/Name",schemaPath:"#/properties/Name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Hostname !== undefined && func0.call(data, "Hostname")){
let data3 = data.Hostname;
const _errs8 = errors;
if(errors === _errs8){
if(typeof data3 === "string"){
if(data3.length > 253 && func5(data3) > 253){
validate7.errors = [{instancePath:instancePath+"/Hostname",schemaPath:"#/properties/Hostname/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/Hostname",schemaPath:"#/properties/Hostname/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Domain !== undefined && func0.call(data, "Domain")){
let data4 = data.Domain;
const _errs10 = errors;
if(errors === _errs10){
if(typeof data4 === "string"){
if(data4.length > 253 && func5(data4) > 253){
validate7.errors = [{instancePath:instancePath+"/Domain",schemaPath:"#/properties/Domain/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/Domain",schemaPath:"#/properties/Domain/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.FQDN !== undefined && func0.call(data, "FQDN")){
let data5 = data.FQDN;
const _errs12 = errors;
if(errors === _errs12){
if(typeof data5 === "string"){
if(data5.length > 253 && func5(data5) > 253){
validate7.errors = [{instancePath:instancePath+"/FQDN",schemaPath:"#/properties/FQDN/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/FQDN",schemaPath:"#/properties/FQDN/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Enabled !== undefined && func0.call(data, "Enabled")){
const _errs14 = errors;
if(typeof data.Enabled !== "boolean"){
validate7.errors = [{instancePath:instancePath+"/Enabled",schemaPath:"#/properties/Enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs14 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.URI !== undefined && func0.call(data, "URI")){
let data7 = data.URI;
const _errs16 = errors;
if(errors === _errs16){
if(typeof data7 === "string"){
if(data7.length > 2048 && func5(data7) > 2048){
validate7.errors = [{instancePath:instancePath+"/URI",schemaPath:"#/properties/URI/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/URI",schemaPath:"#/properties/URI/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs16 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.UUID !== undefined && func0.call(data, "UUID")){
let data8 = data.UUID;
const _errs18 = errors;
if(errors === _errs18){
if(errors === _errs18){
if(typeof data8 === "string"){
if(!(formats24(data8))){
validate7.errors = [{instancePath:instancePath+"/UUID",schemaPath:"#/properties/UUID/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/UUID",schemaPath:"#/properties/UUID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs18 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.User !== undefined && func0.call(data, "User")){
let data9 = data.User;
const _errs20 = errors;
if(errors === _errs20){
if(typeof data9 === "string"){
if(data9.length > 255 && func5(data9) > 255){
validate7.errors = [{instancePath:instancePath+"/User",schemaPath:"#/properties/User/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/User",schemaPath:"#/properties/User/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs20 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Password !== undefined && func0.call(data, "Password")){
let data10 = data.Password;
const _errs22 = errors;
if(errors === _errs22){
if(typeof data10 === "string"){
if(!pattern1.test(data10)){
validate7.errors = [{instancePath:instancePath+"/Password",schemaPath:"#/properties/Password/pattern",keyword:"pattern",params:{pattern: "^(?!\\*{6}$)"},message:"must match pattern \""+"^(?!\\*{6}$)"+"\""}];
return false;
}
else {
if(data10.length < 2 && (data10.length < 1 || func5(data10) < 1)){
validate7.errors = [{instancePath:instancePath+"/Password",schemaPath:"#/properties/Password/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
else {
if(data10.length > 1024 && func5(data10) > 1024){
validate7.errors = [{instancePath:instancePath+"/Password",schemaPath:"#/properties/Password/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
}
}
}
else {
validate7.errors = [{instancePath:instancePath+"/Password",schemaPath:"#/properties/Password/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs22 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.UseSSDP !== undefined && func0.call(data, "UseSSDP")){
const _errs25 = errors;
if(typeof data.UseSSDP !== "boolean"){
validate7.errors = [{instancePath:instancePath+"/UseSSDP",schemaPath:"#/properties/UseSSDP/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs25 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.MacRequired !== undefined && func0.call(data, "MacRequired")){
const _errs27 = errors;
if(typeof data.MacRequired !== "boolean"){
validate7.errors = [{instancePath:instancePath+"/MacRequired",schemaPath:"#/properties/MacRequired/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs27 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.MACAddr !== undefined && func0.call(data, "MACAddr")){
let data13 = data.MACAddr;
const _errs29 = errors;
if(errors === _errs29){
if(errors === _errs29){
if(typeof data13 === "string"){
if(!(formats2(data13))){
validate7.errors = [{instancePath:instancePath+"/MACAddr",schemaPath:"#/properties/MACAddr/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/MACAddr",schemaPath:"#/properties/MACAddr/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid0 = _errs29 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.IPAddress !== undefined && func0.call(data, "IPAddress")){
let data14 = data.IPAddress;
const _errs31 = errors;
const _errs33 = errors;
let valid1 = false;
const _errs34 = errors;
if(errors === _errs34){
if(typeof data14 === "string"){
if(!(formats4(data14))){
const err0 = {instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/anyOf/0/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
}
var _valid0 = _errs34 === errors;
valid1 = valid1 || _valid0;
const _errs35 = errors;
if(errors === _errs35){
if(typeof data14 === "string"){
if(!(formats6(data14))){
const err1 = {instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/anyOf/1/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
}
var _valid0 = _errs35 === errors;
valid1 = valid1 || _valid0;
if(!valid1){
const err2 = {instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate7.errors = vErrors;
return false;
}
else {
errors = _errs33;
if(vErrors !== null){
if(_errs33){
vErrors.length = _errs33;
}
else {
vErrors = null;
}
}
}
if(errors === _errs31){
if(typeof data14 === "string"){
if(data14.length > 255 && func5(data14) > 255){
validate7.errors = [{instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs31 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.RediscoverOnUpdate !== undefined && func0.call(data, "RediscoverOnUpdate")){
const _errs36 = errors;
if(typeof data.RediscoverOnUpdate !== "boolean"){
validate7.errors = [{instancePath:instancePath+"/RediscoverOnUpdate",schemaPath:"#/properties/RediscoverOnUpdate/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs36 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.TemplateID !== undefined && func0.call(data, "TemplateID")){
let data16 = data.TemplateID;
const _errs38 = errors;
if(errors === _errs38){
if(typeof data16 === "string"){
if(data16.length > 255 && func5(data16) > 255){
validate7.errors = [{instancePath:instancePath+"/TemplateID",schemaPath:"#/properties/TemplateID/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/TemplateID",schemaPath:"#/properties/TemplateID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs38 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.DiscoveryInfo !== undefined && func0.call(data, "DiscoveryInfo")){
let data17 = data.DiscoveryInfo;
const _errs40 = errors;
if(errors === _errs40){
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
const _errs42 = errors;
for(const key1 of Object.keys(data17)){
if(!(((key1 === "LastAttempt") || (key1 === "LastStatus")) || (key1 === "RedfishVersion"))){
validate7.errors = [{instancePath:instancePath+"/DiscoveryInfo",schemaPath:"#/properties/DiscoveryInfo/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs42 === errors){
if(data17.LastAttempt !== undefined && func0.call(data17, "LastAttempt")){
let data18 = data17.LastAttempt;
const _errs43 = errors;
if(errors === _errs43){
if(errors === _errs43){
if(typeof data18 === "string"){
if(!(formats50(data18))){
validate7.errors = [{instancePath:instancePath+"/DiscoveryInfo/LastAttempt",schemaPath:"#/properties/DiscoveryInfo/properties/LastAttempt/format",keyword:"format",params:{format: "date-time"},message:"must match format \""+"date-time"+"\""}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/DiscoveryInfo/LastAttempt",schemaPath:"#/properties/DiscoveryInfo/properties/LastAttempt/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
var valid2 = _errs43 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data17.LastStatus !== undefined && func0.call(data17, "LastStatus")){
let data19 = data17.LastStatus;
const _errs45 = errors;
if(typeof data19 !== "string"){
validate7.errors = [{instancePath:instancePath+"/DiscoveryInfo/LastStatus",schemaPath:"#/properties/DiscoveryInfo/properties/LastStatus/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((((((data19 === "EndpointInvalid") || (data19 === "EPResponseFailedDecode")) || (data19 === "HTTPsGetFailed")) || (data19 === "NotYetQueried")) || (data19 === "VerificationFailed")) || (data19 === "ChildVerificationFailed")) || (data19 === "DiscoverOK"))){
validate7.errors = [{instancePath:instancePath+"/DiscoveryInfo/LastStatus",schemaPath:"#/properties/DiscoveryInfo/properties/LastStatus/enum",keyword:"enum",params:{allowedValues: schema14.properties.DiscoveryInfo.properties.LastStatus.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid2 = _errs45 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data17.RedfishVersion !== undefined && func0.call(data17, "RedfishVersion")){
let data20 = data17.RedfishVersion;
const _errs47 = errors;
if(errors === _errs47){
if(typeof data20 === "string"){
if(data20.length > 255 && func5(data20) > 255){
validate7.errors = [{instancePath:instancePath+"/DiscoveryInfo/RedfishVersion",schemaPath:"#/properties/DiscoveryInfo/properties/RedfishVersion/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"}];
return false;
}
}
else {
validate7.errors = [{instancePath:instancePath+"/DiscoveryInfo/RedfishVersion",schemaPath:"#/properties/DiscoveryInfo/properties/RedfishVersion/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs47 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
else {
validate7.errors = [{instancePath:instancePath+"/DiscoveryInfo",schemaPath:"#/properties/DiscoveryInfo/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs40 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate7.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate7.errors = vErrors;
return errors === 0;
}
validate7.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

return exports;
}

function explainers(exports) {
"use strict";
exports.BMC = validate3;
const schema3 = {"type":"object","additionalProperties":false,"required":["username","mac_address"],"properties":{"id":true,"xname":{"type":"string","format":"xname-bmc"},"username":{"type":"string","minLength":1,"maxLength":255},"password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"x-holdfast-secret":"password_set","pattern":"^(?!\\*{6}$)"},"password_set":true,"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"location_string":{"type":"string","maxLength":255},"created_at":true,"updated_at":true,"revision":true}};
const func0 = Object.prototype.hasOwnProperty;
const func5 = require("ajv/dist/runtime/ucs2length").default;
const formats0 = FORMATS["xname-bmc"];
const formats2 = FORMATS["mac-address"];
const formats4 = FORMATS.ipv4;
const formats6 = FORMATS.ipv6;
const pattern1 = new RegExp("^(?!\\*{6}$)", "u");

function validate3(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate3.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if((data.username === undefined) || (!(func0.call(data, "username")))){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "username"},message:"must have required property '"+"username"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if((data.mac_address === undefined) || (!(func0.call(data, "mac_address")))){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "mac_address"},message:"must have required property '"+"mac_address"+"'"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 of Object.keys(data)){
if(!(func0.call(schema3.properties, key0))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.xname !== undefined && func0.call(data, "xname")){
let data0 = data.xname;
if(typeof data0 === "string"){
if(!(formats0(data0))){
const err3 = {instancePath:instancePath+"/xname",schemaPath:"#/properties/xname/format",keyword:"format",params:{format: "xname-bmc"},message:"must match format \""+"xname-bmc"+"\""};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/xname",schemaPath:"#/properties/xname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.username !== undefined && func0.call(data, "username")){
let data1 = data.username;
if(typeof data1 === "string"){
if(data1.length < 2 && (data1.length < 1 || func5(data1) < 1)){
const err5 = {instancePath:instancePath+"/username",schemaPath:"#/properties/username/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data1.length > 255 && func5(data1) > 255){
const err6 = {instancePath:instancePath+"/username",schemaPath:"#/properties/username/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/username",schemaPath:"#/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.password !== undefined && func0.call(data, "password")){
let data2 = data.password;
if(typeof data2 === "string"){
if(!pattern1.test(data2)){
const err8 = {instancePath:instancePath+"/password",schemaPath:"#/properties/password/pattern",keyword:"pattern",params:{pattern: "^(?!\\*{6}$)"},message:"must match pattern \""+"^(?!\\*{6}$)"+"\""};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(data2.length < 2 && (data2.length < 1 || func5(data2) < 1)){
const err9 = {instancePath:instancePath+"/password",schemaPath:"#/properties/password/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data2.length > 1024 && func5(data2) > 1024){
const err10 = {instancePath:instancePath+"/password",schemaPath:"#/properties/password/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/password",schemaPath:"#/properties/password/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.mac_address !== undefined && func0.call(data, "mac_address")){
let data3 = data.mac_address;
if(typeof data3 === "string"){
if(!(formats2(data3))){
const err12 = {instancePath:instancePath+"/mac_address",schemaPath:"#/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/mac_address",schemaPath:"#/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.ipv4_address !== undefined && func0.call(data, "ipv4_address")){
let data4 = data.ipv4_address;
if(typeof data4 === "string"){
if(!(formats4(data4))){
const err14 = {instancePath:instancePath+"/ipv4_address",schemaPath:"#/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
else {
const err15 = {instancePath:instancePath+"/ipv4_address",schemaPath:"#/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.ipv6_address !== undefined && func0.call(data, "ipv6_address")){
let data5 = data.ipv6_address;
if(typeof data5 === "string"){
if(!(formats6(data5))){
const err16 = {instancePath:instancePath+"/ipv6_address",schemaPath:"#/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/ipv6_address",schemaPath:"#/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data.description !== undefined && func0.call(data, "description")){
let data6 = data.description;
if(typeof data6 === "string"){
if(data6.length > 4096 && func5(data6) > 4096){
const err18 = {instancePath:instancePath+"/description",schemaPath:"#/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
else {
const err19 = {instancePath:instancePath+"/description",schemaPath:"#/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data.location_string !== undefined && func0.call(data, "location_string")){
let data7 = data.location_string;
if(typeof data7 === "string"){
if(data7.length > 255 && func5(data7) > 255){
const err20 = {instancePath:instancePath+"/location_string",schemaPath:"#/properties/location_string/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
else {
const err21 = {instancePath:instancePath+"/location_string",schemaPath:"#/properties/location_string/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
else {
const err22 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
validate3.errors = vErrors;
return errors === 0;
}
validate3.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

exports.Component = validate4;
const schema4 = {"type":"object","additionalProperties":false,"required":["ID","Type"],"properties":{"UID":true,"ID":{"type":"string","format":"xname","minLength":1,"maxLength":255},"Type":{"type":"string","enum":["CDU","CabinetCDU","CabinetPDU","CabinetPDUOutlet","CabinetPDUPowerConnector","CabinetPDUController","Cabinet","Chassis","ChassisBMC","CMMRectifier","CMMFpga","CEC","ComputeModule","RouterModule","NodeBMC","NodeEnclosure","NodeEnclosurePowerSupply","HSNBoard","MgmtSwitch","MgmtHLSwitch","CDUMgmtSwitch","Node","VirtualNode","Processor","Drive","StorageGroup","NodeNIC","Memory","NodeAccel","NodeAccelRiser","NodeFpga","HSNAsic","RouterFpga","RouterBMC","HSNLink","HSNConnector","INVALID"]},"Subtype":{"type":"string","maxLength":255},"Role":{"type":"string","enum":["Compute","Service","System","Application","Storage","Management"]},"SubRole":{"type":"string","enum":["Master","Worker","Storage"]},"NetType":{"type":"string","enum":["Sling","Infiniband","Ethernet","OEM","None"]},"Arch":{"type":"string","enum":["X86","ARM","UNKNOWN","Other"]},"Class":{"type":"string","enum":["River","Mountain","Hill","Other"]},"State":{"type":"string","enum":["Unknown","Empty","Populated","Off","On","Standby","Halt","Ready"]},"Flag":{"type":"string","enum":["Unknown","OK","Warning","Alert","Locked"]},"Enabled":{"type":"boolean"},"SoftwareStatus":{"type":"string","maxLength":255},"NID":{"type":"integer","minimum":0,"maximum":9007199254740991},"ReservationDisabled":{"type":"boolean"},"Locked":{"type":"boolean"},"created_at":true,"updated_at":true,"revision":true}};
const formats8 = FORMATS.xname;

function validate4(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate4.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if((data.ID === undefined) || (!(func0.call(data, "ID")))){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "ID"},message:"must have required property '"+"ID"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if((data.Type === undefined) || (!(func0.call(data, "Type")))){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "Type"},message:"must have required property '"+"Type"+"'"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 of Object.keys(data)){
if(!(func0.call(schema4.properties, key0))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.ID !== undefined && func0.call(data, "ID")){
let data0 = data.ID;
if(typeof data0 === "string"){
if(!(formats8(data0))){
const err3 = {instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/format",keyword:"format",params:{format: "xname"},message:"must match format \""+"xname"+"\""};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data0.length < 2 && (data0.length < 1 || func5(data0) < 1)){
const err4 = {instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(data0.length > 255 && func5(data0) > 255){
const err5 = {instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
else {
const err6 = {instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.Type !== undefined && func0.call(data, "Type")){
let data1 = data.Type;
if(typeof data1 !== "string"){
const err7 = {instancePath:instancePath+"/Type",schemaPath:"#/properties/Type/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
if(!(((((((((((((((((((((((((((((((((((((data1 === "CDU") || (data1 === "CabinetCDU")) || (data1 === "CabinetPDU")) || (data1 === "CabinetPDUOutlet")) || (data1 === "CabinetPDUPowerConnector")) || (data1 === "CabinetPDUController")) || (data1 === "Cabinet")) || (data1 === "Chassis")) || (data1 === "ChassisBMC")) || (data1 === "CMMRectifier")) || (data1 === "CMMFpga")) || (data1 === "CEC")) || (data1 === "ComputeModule")) || (data1 === "RouterModule")) || (data1 === "NodeBMC")) || (data1 === "NodeEnclosure")) || (data1 === "NodeEnclosurePowerSupply")) || (data1 === "HSNBoard")) || (data1 === "MgmtSwitch")) || (data1 === "MgmtHLSwitch")) || (data1 === "CDUMgmtSwitch")) || (data1 === "Node")) || (data1 === "VirtualNode")) || (data1 === "Processor")) || (data1 === "Drive")) || (data1 === "StorageGroup")) || (data1 === "NodeNIC")) || (data1 === "Memory")) || (data1 === "NodeAccel")) || (data1 === "NodeAccelRiser")) || (data1 === "NodeFpga")) || (data1 === "HSNAsic")) || (data1 === "RouterFpga")) || (data1 === "RouterBMC")) || (data1 === "HSNLink")) || (data1 === "HSNConnector")) || (data1 === "INVALID"))){
const err8 = {instancePath:instancePath+"/Type",schemaPath:"#/properties/Type/enum",keyword:"enum",params:{allowedValues: schema4.properties.Type.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.Subtype !== undefined && func0.call(data, "Subtype")){
let data2 = data.Subtype;
if(typeof data2 === "string"){
if(data2.length > 255 && func5(data2) > 255){
const err9 = {instancePath:instancePath+"/Subtype",schemaPath:"#/properties/Subtype/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
else {
const err10 = {instancePath:instancePath+"/Subtype",schemaPath:"#/properties/Subtype/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.Role !== undefined && func0.call(data, "Role")){
let data3 = data.Role;
if(typeof data3 !== "string"){
const err11 = {instancePath:instancePath+"/Role",schemaPath:"#/properties/Role/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(!((((((data3 === "Compute") || (data3 === "Service")) || (data3 === "System")) || (data3 === "Application")) || (data3 === "Storage")) || (data3 === "Management"))){
const err12 = {instancePath:instancePath+"/Role",schemaPath:"#/properties/Role/enum",keyword:"enum",params:{allowedValues: schema4.properties.Role.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data.SubRole !== undefined && func0.call(data, "SubRole")){
let data4 = data.SubRole;
if(typeof data4 !== "string"){
const err13 = {instancePath:instancePath+"/SubRole",schemaPath:"#/properties/SubRole/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(!(((data4 === "Master") || (data4 === "Worker")) || (data4 === "Storage"))){
const err14 = {instancePath:instancePath+"/SubRole",schemaPath:"#/properties/SubRole/enum",keyword:"enum",params:{allowedValues: schema4.properties.SubRole.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data.NetType !== undefined && func0.call(data, "NetType")){
let data5 = data.NetType;
if(typeof data5 !== "string"){
const err15 = {instancePath:instancePath+"/NetType",schemaPath:"#/properties/NetType/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
if(!(((((data5 === "Sling") || (data5 === "Infiniband")) || (data5 === "Ethernet")) || (data5 === "OEM")) || (data5 === "None"))){
const err16 = {instancePath:instancePath+"/NetType",schemaPath:"#/properties/NetType/enum",keyword:"enum",params:{allowedValues: schema4.properties.NetType.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data.Arch !== undefined && func0.call(data, "Arch")){
let data6 = data.Arch;
if(typeof data6 !== "string"){
const err17 = {instancePath:instancePath+"/Arch",schemaPath:"#/properties/Arch/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(!((((data6 === "X86") || (data6 === "ARM")) || (data6 === "UNKNOWN")) || (data6 === "Other"))){
const err18 = {instancePath:instancePath+"/Arch",schemaPath:"#/properties/Arch/enum",keyword:"enum",params:{allowedValues: schema4.properties.Arch.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data.Class !== undefined && func0.call(data, "Class")){
let data7 = data.Class;
if(typeof data7 !== "string"){
const err19 = {instancePath:instancePath+"/Class",schemaPath:"#/properties/Class/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
if(!((((data7 === "River") || (data7 === "Mountain")) || (data7 === "Hill")) || (data7 === "Other"))){
const err20 = {instancePath:instancePath+"/Class",schemaPath:"#/properties/Class/enum",keyword:"enum",params:{allowedValues: schema4.properties.Class.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data.State !== undefined && func0.call(data, "State")){
let data8 = data.State;
if(typeof data8 !== "string"){
const err21 = {instancePath:instancePath+"/State",schemaPath:"#/properties/State/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(!((((((((data8 === "Unknown") || (data8 === "Empty")) || (data8 === "Populated")) || (data8 === "Off")) || (data8 === "On")) || (data8 === "Standby")) || (data8 === "Halt")) || (data8 === "Ready"))){
const err22 = {instancePath:instancePath+"/State",schemaPath:"#/properties/State/enum",keyword:"enum",params:{allowedValues: schema4.properties.State.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data.Flag !== undefined && func0.call(data, "Flag")){
let data9 = data.Flag;
if(typeof data9 !== "string"){
const err23 = {instancePath:instancePath+"/Flag",schemaPath:"#/properties/Flag/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
if(!(((((data9 === "Unknown") || (data9 === "OK")) || (data9 === "Warning")) || (data9 === "Alert")) || (data9 === "Locked"))){
const err24 = {instancePath:instancePath+"/Flag",schemaPath:"#/properties/Flag/enum",keyword:"enum",params:{allowedValues: schema4.properties.Flag.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data.Enabled !== undefined && func0.call(data, "Enabled")){
if(typeof data.Enabled !== "boolean"){
const err25 = {instancePath:instancePath+"/Enabled",schemaPath:"#/properties/Enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data.SoftwareStatus !== undefined && func0.call(data, "SoftwareStatus")){
let data11 = data.SoftwareStatus;
if(typeof data11 === "string"){
if(data11.length > 255 && func5(data11) > 255){
const err26 = {instancePath:instancePath+"/SoftwareStatus",schemaPath:"#/properties/SoftwareStatus/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
else {
const err27 = {instancePath:instancePath+"/SoftwareStatus",schemaPath:"#/properties/SoftwareStatus/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data.NID !== undefined && func0.call(data, "NID")){
let data12 = data.NID;
if(!(((typeof data12 == "number") && (!(data12 % 1) && !isNaN(data12))) && (isFinite(data12)))){
const err28 = {instancePath:instancePath+"/NID",schemaPath:"#/properties/NID/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
if((typeof data12 == "number") && (isFinite(data12))){
if(data12 > 9007199254740991 || isNaN(data12)){
const err29 = {instancePath:instancePath+"/NID",schemaPath:"#/properties/NID/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
if(data12 < 0 || isNaN(data12)){
const err30 = {instancePath:instancePath+"/NID",schemaPath:"#/properties/NID/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
}
if(data.ReservationDisabled !== undefined && func0.call(data, "ReservationDisabled")){
if(typeof data.ReservationDisabled !== "boolean"){
const err31 = {instancePath:instancePath+"/ReservationDisabled",schemaPath:"#/properties/ReservationDisabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.Locked !== undefined && func0.call(data, "Locked")){
if(typeof data.Locked !== "boolean"){
const err32 = {instancePath:instancePath+"/Locked",schemaPath:"#/properties/Locked/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
}
else {
const err33 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
validate4.errors = vErrors;
return errors === 0;
}
validate4.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

exports.ComputeNode = validate5;
const schema5 = {"type":"object","additionalProperties":false,"required":["hostname","architecture"],"properties":{"id":true,"hostname":{"type":"string","minLength":1,"maxLength":253},"xname":{"type":"string","format":"xname-node"},"architecture":{"type":"string","minLength":1,"maxLength":255},"boot_mac":{"type":"string","format":"mac-address"},"boot_ipv4_address":{"type":"string","format":"ipv4"},"boot_ipv6_address":{"type":"string","format":"ipv6"},"network_interfaces":{"type":"array","maxItems":256,"items":{"$ref":"#/$defs/NetworkInterface"}},"bmc":{"$ref":"#/$defs/NodeBMC"},"description":{"type":"string","maxLength":4096},"boot_data":{"$ref":"#/$defs/BootData"},"location_string":{"type":"string","maxLength":255},"spec":{"type":"object","additionalProperties":false,"properties":{"hostname":{"type":"string","maxLength":253},"boot_mac":{"type":"string","format":"mac-address"},"boot_ipv4_address":{"type":"string","format":"ipv4"},"boot_ipv6_address":{"type":"string","format":"ipv6"},"bmc_endpoint":{"type":"string","maxLength":2048},"bmc_username":{"type":"string","maxLength":255},"bmc_password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"x-holdfast-secret":"bmc_password_set","pattern":"^(?!\\*{6}$)"},"bmc_password_set":{"type":"boolean","readOnly":true},"network_interfaces":{"type":"array","maxItems":256,"items":{"$ref":"#/$defs/NetworkInterface"}},"boot_configuration":{"$ref":"#/$defs/BootData"}}},"status":{"type":"object","additionalProperties":false,"properties":{"power_state":{"type":"object","additionalProperties":false,"properties":{"on":{"type":"boolean"},"last_updated":{"type":"string","format":"date-time"}}},"boot_configuration":{"type":"object","additionalProperties":false,"properties":{"boot_data":{"$ref":"#/$defs/BootData"},"last_updated":{"type":"string","format":"date-time"}}},"network_interfaces":{"type":"array","maxItems":256,"items":{"$ref":"#/$defs/NetworkInterface"}},"extended_data":{"type":"object","additionalProperties":true,"maxProperties":1024}}},"created_at":true,"updated_at":true,"revision":true},"$defs":{"BootData":{"type":"object","additionalProperties":false,"properties":{"id":{"type":"string","format":"uuid"},"kernel_url":{"type":"string","maxLength":2048},"kernel_command_line":{"type":"string","maxLength":8192},"image_url":{"type":"string","maxLength":2048}}},"NodeBMC":{"type":"object","additionalProperties":false,"anyOf":[{"required":["id"],"properties":{"id":true}},{"required":["xname"],"properties":{"xname":true}},{"required":["mac_address"],"properties":{"mac_address":true}}],"properties":{"id":{"type":"string","format":"uuid","readOnly":false},"xname":{"type":"string","format":"xname-bmc"},"username":{"type":"string","minLength":1,"maxLength":255},"password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"pattern":"^(?!\\*{6}$)"},"password_set":{"type":"boolean","readOnly":true},"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"location_string":{"type":"string","maxLength":255}}},"NetworkInterface":{"type":"object","additionalProperties":false,"required":["interface_name","mac_address"],"properties":{"interface_name":{"type":"string","minLength":1,"maxLength":255},"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"serial":{"type":"string","maxLength":255},"model":{"type":"string","maxLength":255},"manufacturer":{"type":"string","maxLength":255},"firmware_version":{"type":"string","maxLength":255},"extended_data":{"type":"object","additionalProperties":true,"maxProperties":1024}}}}};
const schema6 = {"type":"object","additionalProperties":false,"required":["interface_name","mac_address"],"properties":{"interface_name":{"type":"string","minLength":1,"maxLength":255},"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"serial":{"type":"string","maxLength":255},"model":{"type":"string","maxLength":255},"manufacturer":{"type":"string","maxLength":255},"firmware_version":{"type":"string","maxLength":255},"extended_data":{"type":"object","additionalProperties":true,"maxProperties":1024}}};
const schema7 = {"type":"object","additionalProperties":false,"anyOf":[{"required":["id"],"properties":{"id":true}},{"required":["xname"],"properties":{"xname":true}},{"required":["mac_address"],"properties":{"mac_address":true}}],"properties":{"id":{"type":"string","format":"uuid","readOnly":false},"xname":{"type":"string","format":"xname-bmc"},"username":{"type":"string","minLength":1,"maxLength":255},"password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"pattern":"^(?!\\*{6}$)"},"password_set":{"type":"boolean","readOnly":true},"mac_address":{"type":"string","format":"mac-address"},"ipv4_address":{"type":"string","format":"ipv4"},"ipv6_address":{"type":"string","format":"ipv6"},"description":{"type":"string","maxLength":4096},"location_string":{"type":"string","maxLength":255}}};
const schema8 = {"type":"object","additionalProperties":false,"properties":{"id":{"type":"string","format":"uuid"},"kernel_url":{"type":"string","maxLength":2048},"kernel_command_line":{"type":"string","maxLength":8192},"image_url":{"type":"string","maxLength":2048}}};
const formats10 = FORMATS["xname-node"];
const formats24 = FORMATS.uuid;
const formats50 = FORMATS["date-time"];

function validate5(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate5.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if((data.hostname === undefined) || (!(func0.call(data, "hostname")))){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "hostname"},message:"must have required property '"+"hostname"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if((data.architecture === undefined) || (!(func0.call(data, "architecture")))){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "architecture"},message:"must have required property '"+"architecture"+"'"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 of Object.keys(data)){
if(!(func0.call(schema5.properties, key0))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.hostname !== undefined && func0.call(data, "hostname")){
let data0 = data.hostname;
if(typeof data0 === "string"){
if(data0.length < 2 && (data0.length < 1 || func5(data0) < 1)){
const err3 = {instancePath:instancePath+"/hostname",schemaPath:"#/properties/hostname/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data0.length > 253 && func5(data0) > 253){
const err4 = {instancePath:instancePath+"/hostname",schemaPath:"#/properties/hostname/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/hostname",schemaPath:"#/properties/hostname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.xname !== undefined && func0.call(data, "xname")){
let data1 = data.xname;
if(typeof data1 === "string"){
if(!(formats10(data1))){
const err6 = {instancePath:instancePath+"/xname",schemaPath:"#/properties/xname/format",keyword:"format",params:{format: "xname-node"},message:"must match format \""+"xname-node"+"\""};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/xname",schemaPath:"#/properties/xname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.architecture !== undefined && func0.call(data, "architecture")){
let data2 = data.architecture;
if(typeof data2 === "string"){
if(data2.length < 2 && (data2.length < 1 || func5(data2) < 1)){
const err8 = {instancePath:instancePath+"/architecture",schemaPath:"#/properties/architecture/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(data2.length > 255 && func5(data2) > 255){
const err9 = {instancePath:instancePath+"/architecture",schemaPath:"#/properties/architecture/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
else {
const err10 = {instancePath:instancePath+"/architecture",schemaPath:"#/properties/architecture/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.boot_mac !== undefined && func0.call(data, "boot_mac")){
let data3 = data.boot_mac;
if(typeof data3 === "string"){
if(!(formats2(data3))){
const err11 = {instancePath:instancePath+"/boot_mac",schemaPath:"#/properties/boot_mac/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/boot_mac",schemaPath:"#/properties/boot_mac/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data.boot_ipv4_address !== undefined && func0.call(data, "boot_ipv4_address")){
let data4 = data.boot_ipv4_address;
if(typeof data4 === "string"){
if(!(formats4(data4))){
const err13 = {instancePath:instancePath+"/boot_ipv4_address",schemaPath:"#/properties/boot_ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/boot_ipv4_address",schemaPath:"#/properties/boot_ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data.boot_ipv6_address !== undefined && func0.call(data, "boot_ipv6_address")){
let data5 = data.boot_ipv6_address;
if(typeof data5 === "string"){
if(!(formats6(data5))){
const err15 = {instancePath:instancePath+"/boot_ipv6_address",schemaPath:"#/properties/boot_ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
else {
const err16 = {instancePath:instancePath+"/boot_ipv6_address",schemaPath:"#/properties/boot_ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data.network_interfaces !== undefined && func0.call(data, "network_interfaces")){
let data6 = data.network_interfaces;
if(Array.isArray(data6)){
if(data6.length > 256){
const err17 = {instancePath:instancePath+"/network_interfaces",schemaPath:"#/properties/network_interfaces/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
const len0 = data6.length;
for(let i0=0; i0<len0; i0++){
let data7 = data6[i0];
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
if((data7.interface_name === undefined) || (!(func0.call(data7, "interface_name")))){
const err18 = {instancePath:instancePath+"/network_interfaces/" + i0,schemaPath:"#/$defs/NetworkInterface/required",keyword:"required",params:{missingProperty: "interface_name"},message:"must have required property '"+"interface_name"+"'"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if((data7.mac_address === undefined) || (!(func0.call(data7, "mac_address")))){
const err19 = {instancePath:instancePath+"/network_interfaces/" + i0,schemaPath:"#/$defs/NetworkInterface/required",keyword:"required",params:{missingProperty: "mac_address"},message:"must have required property '"+"mac_address"+"'"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
for(const key1 of Object.keys(data7)){
if(!(func0.call(schema6.properties, key1))){
const err20 = {instancePath:instancePath+"/network_interfaces/" + i0,schemaPath:"#/$defs/NetworkInterface/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data7.interface_name !== undefined && func0.call(data7, "interface_name")){
let data8 = data7.interface_name;
if(typeof data8 === "string"){
if(data8.length < 2 && (data8.length < 1 || func5(data8) < 1)){
const err21 = {instancePath:instancePath+"/network_interfaces/" + i0+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(data8.length > 255 && func5(data8) > 255){
const err22 = {instancePath:instancePath+"/network_interfaces/" + i0+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/network_interfaces/" + i0+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data7.mac_address !== undefined && func0.call(data7, "mac_address")){
let data9 = data7.mac_address;
if(typeof data9 === "string"){
if(!(formats2(data9))){
const err24 = {instancePath:instancePath+"/network_interfaces/" + i0+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/network_interfaces/" + i0+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data7.ipv4_address !== undefined && func0.call(data7, "ipv4_address")){
let data10 = data7.ipv4_address;
if(typeof data10 === "string"){
if(!(formats4(data10))){
const err26 = {instancePath:instancePath+"/network_interfaces/" + i0+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
else {
const err27 = {instancePath:instancePath+"/network_interfaces/" + i0+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data7.ipv6_address !== undefined && func0.call(data7, "ipv6_address")){
let data11 = data7.ipv6_address;
if(typeof data11 === "string"){
if(!(formats6(data11))){
const err28 = {instancePath:instancePath+"/network_interfaces/" + i0+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/network_interfaces/" + i0+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data7.description !== undefined && func0.call(data7, "description")){
let data12 = data7.description;
if(typeof data12 === "string"){
if(data12.length > 4096 && func5(data12) > 4096){
const err30 = {instancePath:instancePath+"/network_interfaces/" + i0+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
else {
const err31 = {instancePath:instancePath+"/network_interfaces/" + i0+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data7.serial !== undefined && func0.call(data7, "serial")){
let data13 = data7.serial;
if(typeof data13 === "string"){
if(data13.length > 255 && func5(data13) > 255){
const err32 = {instancePath:instancePath+"/network_interfaces/" + i0+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
else {
const err33 = {instancePath:instancePath+"/network_interfaces/" + i0+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data7.model !== undefined && func0.call(data7, "model")){
let data14 = data7.model;
if(typeof data14 === "string"){
if(data14.length > 255 && func5(data14) > 255){
const err34 = {instancePath:instancePath+"/network_interfaces/" + i0+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/network_interfaces/" + i0+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data7.manufacturer !== undefined && func0.call(data7, "manufacturer")){
let data15 = data7.manufacturer;
if(typeof data15 === "string"){
if(data15.length > 255 && func5(data15) > 255){
const err36 = {instancePath:instancePath+"/network_interfaces/" + i0+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
else {
const err37 = {instancePath:instancePath+"/network_interfaces/" + i0+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data7.firmware_version !== undefined && func0.call(data7, "firmware_version")){
let data16 = data7.firmware_version;
if(typeof data16 === "string"){
if(data16.length > 255 && func5(data16) > 255){
const err38 = {instancePath:instancePath+"/network_interfaces/" + i0+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
else {
const err39 = {instancePath:instancePath+"/network_interfaces/" + i0+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
if(data7.extended_data !== undefined && func0.call(data7, "extended_data")){
let data17 = data7.extended_data;
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
if(Object.keys(data17).length > 1024){
const err40 = {instancePath:instancePath+"/network_interfaces/" + i0+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
else {
const err41 = {instancePath:instancePath+"/network_interfaces/" + i0+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
}
else {
const err42 = {instancePath:instancePath+"/network_interfaces/" + i0,schemaPath:"#/$defs/NetworkInterface/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
}
else {
const err43 = {instancePath:instancePath+"/network_interfaces",schemaPath:"#/properties/network_interfaces/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data.bmc !== undefined && func0.call(data, "bmc")){
let data18 = data.bmc;
const _errs44 = errors;
let valid6 = false;
const _errs45 = errors;
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
if((data18.id === undefined) || (!(func0.call(data18, "id")))){
const err44 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/anyOf/0/required",keyword:"required",params:{missingProperty: "id"},message:"must have required property '"+"id"+"'"};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
var _valid0 = _errs45 === errors;
valid6 = valid6 || _valid0;
if(_valid0){
var props0 = {};
props0.id = true;
}
const _errs46 = errors;
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
if((data18.xname === undefined) || (!(func0.call(data18, "xname")))){
const err45 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/anyOf/1/required",keyword:"required",params:{missingProperty: "xname"},message:"must have required property '"+"xname"+"'"};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
var _valid0 = _errs46 === errors;
valid6 = valid6 || _valid0;
if(_valid0){
if(props0 !== true){
props0 = props0 || {};
props0.xname = true;
}
}
const _errs47 = errors;
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
if((data18.mac_address === undefined) || (!(func0.call(data18, "mac_address")))){
const err46 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/anyOf/2/required",keyword:"required",params:{missingProperty: "mac_address"},message:"must have required property '"+"mac_address"+"'"};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
var _valid0 = _errs47 === errors;
valid6 = valid6 || _valid0;
if(_valid0){
if(props0 !== true){
props0 = props0 || {};
props0.mac_address = true;
}
}
if(!valid6){
const err47 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
else {
errors = _errs44;
if(vErrors !== null){
if(_errs44){
vErrors.length = _errs44;
}
else {
vErrors = null;
}
}
}
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
for(const key2 of Object.keys(data18)){
if(!(func0.call(schema7.properties, key2))){
const err48 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data18.id !== undefined && func0.call(data18, "id")){
let data19 = data18.id;
if(typeof data19 === "string"){
if(!(formats24(data19))){
const err49 = {instancePath:instancePath+"/bmc/id",schemaPath:"#/$defs/NodeBMC/properties/id/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
else {
const err50 = {instancePath:instancePath+"/bmc/id",schemaPath:"#/$defs/NodeBMC/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data18.xname !== undefined && func0.call(data18, "xname")){
let data20 = data18.xname;
if(typeof data20 === "string"){
if(!(formats0(data20))){
const err51 = {instancePath:instancePath+"/bmc/xname",schemaPath:"#/$defs/NodeBMC/properties/xname/format",keyword:"format",params:{format: "xname-bmc"},message:"must match format \""+"xname-bmc"+"\""};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
else {
const err52 = {instancePath:instancePath+"/bmc/xname",schemaPath:"#/$defs/NodeBMC/properties/xname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
if(data18.username !== undefined && func0.call(data18, "username")){
let data21 = data18.username;
if(typeof data21 === "string"){
if(data21.length < 2 && (data21.length < 1 || func5(data21) < 1)){
const err53 = {instancePath:instancePath+"/bmc/username",schemaPath:"#/$defs/NodeBMC/properties/username/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
if(data21.length > 255 && func5(data21) > 255){
const err54 = {instancePath:instancePath+"/bmc/username",schemaPath:"#/$defs/NodeBMC/properties/username/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
else {
const err55 = {instancePath:instancePath+"/bmc/username",schemaPath:"#/$defs/NodeBMC/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data18.password !== undefined && func0.call(data18, "password")){
let data22 = data18.password;
if(typeof data22 === "string"){
if(!pattern1.test(data22)){
const err56 = {instancePath:instancePath+"/bmc/password",schemaPath:"#/$defs/NodeBMC/properties/password/pattern",keyword:"pattern",params:{pattern: "^(?!\\*{6}$)"},message:"must match pattern \""+"^(?!\\*{6}$)"+"\""};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if(data22.length < 2 && (data22.length < 1 || func5(data22) < 1)){
const err57 = {instancePath:instancePath+"/bmc/password",schemaPath:"#/$defs/NodeBMC/properties/password/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
if(data22.length > 1024 && func5(data22) > 1024){
const err58 = {instancePath:instancePath+"/bmc/password",schemaPath:"#/$defs/NodeBMC/properties/password/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
else {
const err59 = {instancePath:instancePath+"/bmc/password",schemaPath:"#/$defs/NodeBMC/properties/password/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data18.password_set !== undefined && func0.call(data18, "password_set")){
if(typeof data18.password_set !== "boolean"){
const err60 = {instancePath:instancePath+"/bmc/password_set",schemaPath:"#/$defs/NodeBMC/properties/password_set/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
if(data18.mac_address !== undefined && func0.call(data18, "mac_address")){
let data24 = data18.mac_address;
if(typeof data24 === "string"){
if(!(formats2(data24))){
const err61 = {instancePath:instancePath+"/bmc/mac_address",schemaPath:"#/$defs/NodeBMC/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
else {
const err62 = {instancePath:instancePath+"/bmc/mac_address",schemaPath:"#/$defs/NodeBMC/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
if(data18.ipv4_address !== undefined && func0.call(data18, "ipv4_address")){
let data25 = data18.ipv4_address;
if(typeof data25 === "string"){
if(!(formats4(data25))){
const err63 = {instancePath:instancePath+"/bmc/ipv4_address",schemaPath:"#/$defs/NodeBMC/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
else {
const err64 = {instancePath:instancePath+"/bmc/ipv4_address",schemaPath:"#/$defs/NodeBMC/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
if(data18.ipv6_address !== undefined && func0.call(data18, "ipv6_address")){
let data26 = data18.ipv6_address;
if(typeof data26 === "string"){
if(!(formats6(data26))){
const err65 = {instancePath:instancePath+"/bmc/ipv6_address",schemaPath:"#/$defs/NodeBMC/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
else {
const err66 = {instancePath:instancePath+"/bmc/ipv6_address",schemaPath:"#/$defs/NodeBMC/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
if(data18.description !== undefined && func0.call(data18, "description")){
let data27 = data18.description;
if(typeof data27 === "string"){
if(data27.length > 4096 && func5(data27) > 4096){
const err67 = {instancePath:instancePath+"/bmc/description",schemaPath:"#/$defs/NodeBMC/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
else {
const err68 = {instancePath:instancePath+"/bmc/description",schemaPath:"#/$defs/NodeBMC/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data18.location_string !== undefined && func0.call(data18, "location_string")){
let data28 = data18.location_string;
if(typeof data28 === "string"){
if(data28.length > 255 && func5(data28) > 255){
const err69 = {instancePath:instancePath+"/bmc/location_string",schemaPath:"#/$defs/NodeBMC/properties/location_string/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
else {
const err70 = {instancePath:instancePath+"/bmc/location_string",schemaPath:"#/$defs/NodeBMC/properties/location_string/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
}
else {
const err71 = {instancePath:instancePath+"/bmc",schemaPath:"#/$defs/NodeBMC/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
if(data.description !== undefined && func0.call(data, "description")){
let data29 = data.description;
if(typeof data29 === "string"){
if(data29.length > 4096 && func5(data29) > 4096){
const err72 = {instancePath:instancePath+"/description",schemaPath:"#/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
else {
const err73 = {instancePath:instancePath+"/description",schemaPath:"#/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data.boot_data !== undefined && func0.call(data, "boot_data")){
let data30 = data.boot_data;
if(data30 && typeof data30 == "object" && !Array.isArray(data30)){
for(const key3 of Object.keys(data30)){
if(!((((key3 === "id") || (key3 === "kernel_url")) || (key3 === "kernel_command_line")) || (key3 === "image_url"))){
const err74 = {instancePath:instancePath+"/boot_data",schemaPath:"#/$defs/BootData/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
if(data30.id !== undefined && func0.call(data30, "id")){
let data31 = data30.id;
if(typeof data31 === "string"){
if(!(formats24(data31))){
const err75 = {instancePath:instancePath+"/boot_data/id",schemaPath:"#/$defs/BootData/properties/id/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
else {
const err76 = {instancePath:instancePath+"/boot_data/id",schemaPath:"#/$defs/BootData/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
if(data30.kernel_url !== undefined && func0.call(data30, "kernel_url")){
let data32 = data30.kernel_url;
if(typeof data32 === "string"){
if(data32.length > 2048 && func5(data32) > 2048){
const err77 = {instancePath:instancePath+"/boot_data/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
else {
const err78 = {instancePath:instancePath+"/boot_data/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
if(data30.kernel_command_line !== undefined && func0.call(data30, "kernel_command_line")){
let data33 = data30.kernel_command_line;
if(typeof data33 === "string"){
if(data33.length > 8192 && func5(data33) > 8192){
const err79 = {instancePath:instancePath+"/boot_data/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/maxLength",keyword:"maxLength",params:{limit: 8192},message:"must NOT have more than 8192 characters"};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
else {
const err80 = {instancePath:instancePath+"/boot_data/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data30.image_url !== undefined && func0.call(data30, "image_url")){
let data34 = data30.image_url;
if(typeof data34 === "string"){
if(data34.length > 2048 && func5(data34) > 2048){
const err81 = {instancePath:instancePath+"/boot_data/image_url",schemaPath:"#/$defs/BootData/properties/image_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
else {
const err82 = {instancePath:instancePath+"/boot_data/image_url",schemaPath:"#/$defs/BootData/properties/image_url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
}
else {
const err83 = {instancePath:instancePath+"/boot_data",schemaPath:"#/$defs/BootData/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
if(data.location_string !== undefined && func0.call(data, "location_string")){
let data35 = data.location_string;
if(typeof data35 === "string"){
if(data35.length > 255 && func5(data35) > 255){
const err84 = {instancePath:instancePath+"/location_string",schemaPath:"#/properties/location_string/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
else {
const err85 = {instancePath:instancePath+"/location_string",schemaPath:"#/properties/location_string/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
if(data.spec !== undefined && func0.call(data, "spec")){
let data36 = data.spec;
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
for(const key4 of Object.keys(data36)){
if(!(func0.call(schema5.properties.spec.properties, key4))){
const err86 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
if(data36.hostname !== undefined && func0.call(data36, "hostname")){
let data37 = data36.hostname;
if(typeof data37 === "string"){
if(data37.length > 253 && func5(data37) > 253){
const err87 = {instancePath:instancePath+"/spec/hostname",schemaPath:"#/properties/spec/properties/hostname/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
else {
const err88 = {instancePath:instancePath+"/spec/hostname",schemaPath:"#/properties/spec/properties/hostname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
if(data36.boot_mac !== undefined && func0.call(data36, "boot_mac")){
let data38 = data36.boot_mac;
if(typeof data38 === "string"){
if(!(formats2(data38))){
const err89 = {instancePath:instancePath+"/spec/boot_mac",schemaPath:"#/properties/spec/properties/boot_mac/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
else {
const err90 = {instancePath:instancePath+"/spec/boot_mac",schemaPath:"#/properties/spec/properties/boot_mac/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data36.boot_ipv4_address !== undefined && func0.call(data36, "boot_ipv4_address")){
let data39 = data36.boot_ipv4_address;
if(typeof data39 === "string"){
if(!(formats4(data39))){
const err91 = {instancePath:instancePath+"/spec/boot_ipv4_address",schemaPath:"#/properties/spec/properties/boot_ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
else {
const err92 = {instancePath:instancePath+"/spec/boot_ipv4_address",schemaPath:"#/properties/spec/properties/boot_ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
if(data36.boot_ipv6_address !== undefined && func0.call(data36, "boot_ipv6_address")){
let data40 = data36.boot_ipv6_address;
if(typeof data40 === "string"){
if(!(formats6(data40))){
const err93 = {instancePath:instancePath+"/spec/boot_ipv6_address",schemaPath:"#/properties/spec/properties/boot_ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
else {
const err94 = {instancePath:instancePath+"/spec/boot_ipv6_address",schemaPath:"#/properties/spec/properties/boot_ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data36.bmc_endpoint !== undefined && func0.call(data36, "bmc_endpoint")){
let data41 = data36.bmc_endpoint;
if(typeof data41 === "string"){
if(data41.length > 2048 && func5(data41) > 2048){
const err95 = {instancePath:instancePath+"/spec/bmc_endpoint",schemaPath:"#/properties/spec/properties/bmc_endpoint/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
else {
const err96 = {instancePath:instancePath+"/spec/bmc_endpoint",schemaPath:"#/properties/spec/properties/bmc_endpoint/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
if(data36.bmc_username !== undefined && func0.call(data36, "bmc_username")){
let data42 = data36.bmc_username;
if(typeof data42 === "string"){
if(data42.length > 255 && func5(data42) > 255){
const err97 = {instancePath:instancePath+"/spec/bmc_username",schemaPath:"#/properties/spec/properties/bmc_username/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
else {
const err98 = {instancePath:instancePath+"/spec/bmc_username",schemaPath:"#/properties/spec/properties/bmc_username/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
if(data36.bmc_password !== undefined && func0.call(data36, "bmc_password")){
let data43 = data36.bmc_password;
if(typeof data43 === "string"){
if(!pattern1.test(data43)){
const err99 = {instancePath:instancePath+"/spec/bmc_password",schemaPath:"#/properties/spec/properties/bmc_password/pattern",keyword:"pattern",params:{pattern: "^(?!\\*{6}$)"},message:"must match pattern \""+"^(?!\\*{6}$)"+"\""};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
if(data43.length < 2 && (data43.length < 1 || func5(data43) < 1)){
const err100 = {instancePath:instancePath+"/spec/bmc_password",schemaPath:"#/properties/spec/properties/bmc_password/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
if(data43.length > 1024 && func5(data43) > 1024){
const err101 = {instancePath:instancePath+"/spec/bmc_password",schemaPath:"#/properties/spec/properties/bmc_password/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
else {
const err102 = {instancePath:instancePath+"/spec/bmc_password",schemaPath:"#/properties/spec/properties/bmc_password/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
if(data36.bmc_password_set !== undefined && func0.call(data36, "bmc_password_set")){
if(typeof data36.bmc_password_set !== "boolean"){
const err103 = {instancePath:instancePath+"/spec/bmc_password_set",schemaPath:"#/properties/spec/properties/bmc_password_set/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
if(data36.network_interfaces !== undefined && func0.call(data36, "network_interfaces")){
let data45 = data36.network_interfaces;
if(Array.isArray(data45)){
if(data45.length > 256){
const err104 = {instancePath:instancePath+"/spec/network_interfaces",schemaPath:"#/properties/spec/properties/network_interfaces/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items"};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
const len1 = data45.length;
for(let i1=0; i1<len1; i1++){
let data46 = data45[i1];
if(data46 && typeof data46 == "object" && !Array.isArray(data46)){
if((data46.interface_name === undefined) || (!(func0.call(data46, "interface_name")))){
const err105 = {instancePath:instancePath+"/spec/network_interfaces/" + i1,schemaPath:"#/$defs/NetworkInterface/required",keyword:"required",params:{missingProperty: "interface_name"},message:"must have required property '"+"interface_name"+"'"};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
if((data46.mac_address === undefined) || (!(func0.call(data46, "mac_address")))){
const err106 = {instancePath:instancePath+"/spec/network_interfaces/" + i1,schemaPath:"#/$defs/NetworkInterface/required",keyword:"required",params:{missingProperty: "mac_address"},message:"must have required property '"+"mac_address"+"'"};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
for(const key5 of Object.keys(data46)){
if(!(func0.call(schema6.properties, key5))){
const err107 = {instancePath:instancePath+"/spec/network_interfaces/" + i1,schemaPath:"#/$defs/NetworkInterface/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
if(data46.interface_name !== undefined && func0.call(data46, "interface_name")){
let data47 = data46.interface_name;
if(typeof data47 === "string"){
if(data47.length < 2 && (data47.length < 1 || func5(data47) < 1)){
const err108 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
if(data47.length > 255 && func5(data47) > 255){
const err109 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
}
else {
const err110 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
}
if(data46.mac_address !== undefined && func0.call(data46, "mac_address")){
let data48 = data46.mac_address;
if(typeof data48 === "string"){
if(!(formats2(data48))){
const err111 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
}
else {
const err112 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
}
if(data46.ipv4_address !== undefined && func0.call(data46, "ipv4_address")){
let data49 = data46.ipv4_address;
if(typeof data49 === "string"){
if(!(formats4(data49))){
const err113 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
else {
const err114 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
if(data46.ipv6_address !== undefined && func0.call(data46, "ipv6_address")){
let data50 = data46.ipv6_address;
if(typeof data50 === "string"){
if(!(formats6(data50))){
const err115 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
else {
const err116 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
}
if(data46.description !== undefined && func0.call(data46, "description")){
let data51 = data46.description;
if(typeof data51 === "string"){
if(data51.length > 4096 && func5(data51) > 4096){
const err117 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
}
else {
const err118 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
if(data46.serial !== undefined && func0.call(data46, "serial")){
let data52 = data46.serial;
if(typeof data52 === "string"){
if(data52.length > 255 && func5(data52) > 255){
const err119 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
}
else {
const err120 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
}
if(data46.model !== undefined && func0.call(data46, "model")){
let data53 = data46.model;
if(typeof data53 === "string"){
if(data53.length > 255 && func5(data53) > 255){
const err121 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
}
else {
const err122 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
}
if(data46.manufacturer !== undefined && func0.call(data46, "manufacturer")){
let data54 = data46.manufacturer;
if(typeof data54 === "string"){
if(data54.length > 255 && func5(data54) > 255){
const err123 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
}
else {
const err124 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
}
if(data46.firmware_version !== undefined && func0.call(data46, "firmware_version")){
let data55 = data46.firmware_version;
if(typeof data55 === "string"){
if(data55.length > 255 && func5(data55) > 255){
const err125 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
}
else {
const err126 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
}
if(data46.extended_data !== undefined && func0.call(data46, "extended_data")){
let data56 = data46.extended_data;
if(data56 && typeof data56 == "object" && !Array.isArray(data56)){
if(Object.keys(data56).length > 1024){
const err127 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
}
else {
const err128 = {instancePath:instancePath+"/spec/network_interfaces/" + i1+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
}
}
else {
const err129 = {instancePath:instancePath+"/spec/network_interfaces/" + i1,schemaPath:"#/$defs/NetworkInterface/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
}
}
else {
const err130 = {instancePath:instancePath+"/spec/network_interfaces",schemaPath:"#/properties/spec/properties/network_interfaces/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err130];
}
else {
vErrors.push(err130);
}
errors++;
}
}
if(data36.boot_configuration !== undefined && func0.call(data36, "boot_configuration")){
let data57 = data36.boot_configuration;
if(data57 && typeof data57 == "object" && !Array.isArray(data57)){
for(const key6 of Object.keys(data57)){
if(!((((key6 === "id") || (key6 === "kernel_url")) || (key6 === "kernel_command_line")) || (key6 === "image_url"))){
const err131 = {instancePath:instancePath+"/spec/boot_configuration",schemaPath:"#/$defs/BootData/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err131];
}
else {
vErrors.push(err131);
}
errors++;
}
}
if(data57.id !== undefined && func0.call(data57, "id")){
let data58 = data57.id;
if(typeof data58 === "string"){
if(!(formats24(data58))){
const err132 = {instancePath:instancePath+"/spec/boot_configuration/id",schemaPath:"#/$defs/BootData/properties/id/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""};
if(vErrors === null){
vErrors = [err132];
}
else {
vErrors.push(err132);
}
errors++;
}
}
else {
const err133 = {instancePath:instancePath+"/spec/boot_configuration/id",schemaPath:"#/$defs/BootData/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err133];
}
else {
vErrors.push(err133);
}
errors++;
}
}
if(data57.kernel_url !== undefined && func0.call(data57, "kernel_url")){
let data59 = data57.kernel_url;
if(typeof data59 === "string"){
if(data59.length > 2048 && func5(data59) > 2048){
const err134 = {instancePath:instancePath+"/spec/boot_configuration/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"};
if(vErrors === null){
vErrors = [err134];
}
else {
vErrors.push(err134);
}
errors++;
}
}
else {
const err135 = {instancePath:instancePath+"/spec/boot_configuration/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err135];
}
else {
vErrors.push(err135);
}
errors++;
}
}
if(data57.kernel_command_line !== undefined && func0.call(data57, "kernel_command_line")){
let data60 = data57.kernel_command_line;
if(typeof data60 === "string"){
if(data60.length > 8192 && func5(data60) > 8192){
const err136 = {instancePath:instancePath+"/spec/boot_configuration/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/maxLength",keyword:"maxLength",params:{limit: 8192},message:"must NOT have more than 8192 characters"};
if(vErrors === null){
vErrors = [err136];
}
else {
vErrors.push(err136);
}
errors++;
}
}
else {
const err137 = {instancePath:instancePath+"/spec/boot_configuration/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err137];
}
else {
vErrors.push(err137);
}
errors++;
}
}
if(data57.image_url !== undefined && func0.call(data57, "image_url")){
let data61 = data57.image_url;
if(typeof data61 === "string"){
if(data61.length > 2048 && func5(data61) > 2048){
const err138 = {instancePath:instancePath+"/spec/boot_configuration/image_url",schemaPath:"#/$defs/BootData/properties/image_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"};
if(vErrors === null){
vErrors = [err138];
}
else {
vErrors.push(err138);
}
errors++;
}
}
else {
const err139 = {instancePath:instancePath+"/spec/boot_configuration/image_url",schemaPath:"#/$defs/BootData/properties/image_url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err139];
}
else {
vErrors.push(err139);
}
errors++;
}
}
}
else {
const err140 = {instancePath:instancePath+"/spec/boot_configuration",schemaPath:"#/$defs/BootData/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err140];
}
else {
vErrors.push(err140);
}
errors++;
}
}
}
else {
const err141 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err141];
}
else {
vErrors.push(err141);
}
errors++;
}
}
if(data.status !== undefined && func0.call(data, "status")){
let data62 = data.status;
if(data62 && typeof data62 == "object" && !Array.isArray(data62)){
for(const key7 of Object.keys(data62)){
if(!((((key7 === "power_state") || (key7 === "boot_configuration")) || (key7 === "network_interfaces")) || (key7 === "extended_data"))){
const err142 = {instancePath:instancePath+"/status",schemaPath:"#/properties/status/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err142];
}
else {
vErrors.push(err142);
}
errors++;
}
}
if(data62.power_state !== undefined && func0.call(data62, "power_state")){
let data63 = data62.power_state;
if(data63 && typeof data63 == "object" && !Array.isArray(data63)){
for(const key8 of Object.keys(data63)){
if(!((key8 === "on") || (key8 === "last_updated"))){
const err143 = {instancePath:instancePath+"/status/power_state",schemaPath:"#/properties/status/properties/power_state/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err143];
}
else {
vErrors.push(err143);
}
errors++;
}
}
if(data63.on !== undefined && func0.call(data63, "on")){
if(typeof data63.on !== "boolean"){
const err144 = {instancePath:instancePath+"/status/power_state/on",schemaPath:"#/properties/status/properties/power_state/properties/on/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err144];
}
else {
vErrors.push(err144);
}
errors++;
}
}
if(data63.last_updated !== undefined && func0.call(data63, "last_updated")){
let data65 = data63.last_updated;
if(typeof data65 === "string"){
if(!(formats50(data65))){
const err145 = {instancePath:instancePath+"/status/power_state/last_updated",schemaPath:"#/properties/status/properties/power_state/properties/last_updated/format",keyword:"format",params:{format: "date-time"},message:"must match format \""+"date-time"+"\""};
if(vErrors === null){
vErrors = [err145];
}
else {
vErrors.push(err145);
}
errors++;
}
}
else {
const err146 = {instancePath:instancePath+"/status/power_state/last_updated",schemaPath:"#/properties/status/properties/power_state/properties/last_updated/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err146];
}
else {
vErrors.push(err146);
}
errors++;
}
}
}
else {
const err147 = {instancePath:instancePath+"/status/power_state",schemaPath:"#/properties/status/properties/power_state/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err147];
}
else {
vErrors.push(err147);
}
errors++;
}
}
if(data62.boot_configuration !== undefined && func0.call(data62, "boot_configuration")){
let data66 = data62.boot_configuration;
if(data66 && typeof data66 == "object" && !Array.isArray(data66)){
for(const key9 of Object.keys(data66)){
if(!((key9 === "boot_data") || (key9 === "last_updated"))){
const err148 = {instancePath:instancePath+"/status/boot_configuration",schemaPath:"#/properties/status/properties/boot_configuration/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err148];
}
else {
vErrors.push(err148);
}
errors++;
}
}
if(data66.boot_data !== undefined && func0.call(data66, "boot_data")){
let data67 = data66.boot_data;
if(data67 && typeof data67 == "object" && !Array.isArray(data67)){
for(const key10 of Object.keys(data67)){
if(!((((key10 === "id") || (key10 === "kernel_url")) || (key10 === "kernel_command_line")) || (key10 === "image_url"))){
const err149 = {instancePath:instancePath+"/status/boot_configuration/boot_data",schemaPath:"#/$defs/BootData/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err149];
}
else {
vErrors.push(err149);
}
errors++;
}
}
if(data67.id !== undefined && func0.call(data67, "id")){
let data68 = data67.id;
if(typeof data68 === "string"){
if(!(formats24(data68))){
const err150 = {instancePath:instancePath+"/status/boot_configuration/boot_data/id",schemaPath:"#/$defs/BootData/properties/id/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""};
if(vErrors === null){
vErrors = [err150];
}
else {
vErrors.push(err150);
}
errors++;
}
}
else {
const err151 = {instancePath:instancePath+"/status/boot_configuration/boot_data/id",schemaPath:"#/$defs/BootData/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err151];
}
else {
vErrors.push(err151);
}
errors++;
}
}
if(data67.kernel_url !== undefined && func0.call(data67, "kernel_url")){
let data69 = data67.kernel_url;
if(typeof data69 === "string"){
if(data69.length > 2048 && func5(data69) > 2048){
const err152 = {instancePath:instancePath+"/status/boot_configuration/boot_data/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"};
if(vErrors === null){
vErrors = [err152];
}
else {
vErrors.push(err152);
}
errors++;
}
}
else {
const err153 = {instancePath:instancePath+"/status/boot_configuration/boot_data/kernel_url",schemaPath:"#/$defs/BootData/properties/kernel_url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err153];
}
else {
vErrors.push(err153);
}
errors++;
}
}
if(data67.kernel_command_line !== undefined && func0.call(data67, "kernel_command_line")){
let data70 = data67.kernel_command_line;
if(typeof data70 === "string"){
if(data70.length > 8192 && func5(data70) > 8192){
const err154 = {instancePath:instancePath+"/status/boot_configuration/boot_data/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/maxLength",keyword:"maxLength",params:{limit: 8192},message:"must NOT have more than 8192 characters"};
if(vErrors === null){
vErrors = [err154];
}
else {
vErrors.push(err154);
}
errors++;
}
}
else {
const err155 = {instancePath:instancePath+"/status/boot_configuration/boot_data/kernel_command_line",schemaPath:"#/$defs/BootData/properties/kernel_command_line/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err155];
}
else {
vErrors.push(err155);
}
errors++;
}
}
if(data67.image_url !== undefined && func0.call(data67, "image_url")){
let data71 = data67.image_url;
if(typeof data71 === "string"){
if(data71.length > 2048 && func5(data71) > 2048){
const err156 = {instancePath:instancePath+"/status/boot_configuration/boot_data/image_url",schemaPath:"#/$defs/BootData/properties/image_url/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"};
if(vErrors === null){
vErrors = [err156];
}
else {
vErrors.push(err156);
}
errors++;
}
}
else {
const err157 = {instancePath:instancePath+"/status/boot_configuration/boot_data/image_url",schemaPath:"#/$defs/BootData/properties/image_url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err157];
}
else {
vErrors.push(err157);
}
errors++;
}
}
}
else {
const err158 = {instancePath:instancePath+"/status/boot_configuration/boot_data",schemaPath:"#/$defs/BootData/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err158];
}
else {
vErrors.push(err158);
}
errors++;
}
}
if(data66.last_updated !== undefined && func0.call(data66, "last_updated")){
let data72 = data66.last_updated;
if(typeof data72 === "string"){
if(!(formats50(data72))){
const err159 = {instancePath:instancePath+"/status/boot_configuration/last_updated",schemaPath:"#/properties/status/properties/boot_configuration/properties/last_updated/format",keyword:"format",params:{format: "date-time"},message:"must match format \""+"date-time"+"\""};
if(vErrors === null){
vErrors = [err159];
}
else {
vErrors.push(err159);
}
errors++;
}
}
else {
const err160 = {instancePath:instancePath+"/status/boot_configuration/last_updated",schemaPath:"#/properties/status/properties/boot_configuration/properties/last_updated/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err160];
}
else {
vErrors.push(err160);
}
errors++;
}
}
}
else {
const err161 = {instancePath:instancePath+"/status/boot_configuration",schemaPath:"#/properties/status/properties/boot_configuration/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err161];
}
else {
vErrors.push(err161);
}
errors++;
}
}
if(data62.network_interfaces !== undefined && func0.call(data62, "network_interfaces")){
let data73 = data62.network_interfaces;
if(Array.isArray(data73)){
if(data73.length > 256){
const err162 = {instancePath:instancePath+"/status/network_interfaces",schemaPath:"#/properties/status/properties/network_interfaces/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items"};
if(vErrors === null){
vErrors = [err162];
}
else {
vErrors.push(err162);
}
errors++;
}
const len2 = data73.length;
for(let i2=0; i2<len2; i2++){
let data74 = data73[i2];
if(data74 && typeof data74 == "object" && !Array.isArray(data74)){
if((data74.interface_name === undefined) || (!(func0.call(data74, "interface_name")))){
const err163 = {instancePath:instancePath+"/status/network_interfaces/" + i2,schemaPath:"#/$defs/NetworkInterface/required",keyword:"required",params:{missingProperty: "interface_name"},message:"must have required property '"+"interface_name"+"'"};
if(vErrors === null){
vErrors = [err163];
}
else {
vErrors.push(err163);
}
errors++;
}
if((data74.mac_address === undefined) || (!(func0.call(data74, "mac_address")))){
const err164 = {instancePath:instancePath+"/status/network_interfaces/" + i2,schemaPath:"#/$defs/NetworkInterface/required",keyword:"required",params:{missingProperty: "mac_address"},message:"must have required property '"+"mac_address"+"'"};
if(vErrors === null){
vErrors = [err164];
}
else {
vErrors.push(err164);
}
errors++;
}
for(const key11 of Object.keys(data74)){
if(!(func0.call(schema6.properties, key11))){
const err165 = {instancePath:instancePath+"/status/network_interfaces/" + i2,schemaPath:"#/$defs/NetworkInterface/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err165];
}
else {
vErrors.push(err165);
}
errors++;
}
}
if(data74.interface_name !== undefined && func0.call(data74, "interface_name")){
let data75 = data74.interface_name;
if(typeof data75 === "string"){
if(data75.length < 2 && (data75.length < 1 || func5(data75) < 1)){
const err166 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err166];
}
else {
vErrors.push(err166);
}
errors++;
}
if(data75.length > 255 && func5(data75) > 255){
const err167 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err167];
}
else {
vErrors.push(err167);
}
errors++;
}
}
else {
const err168 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/interface_name",schemaPath:"#/$defs/NetworkInterface/properties/interface_name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err168];
}
else {
vErrors.push(err168);
}
errors++;
}
}
if(data74.mac_address !== undefined && func0.call(data74, "mac_address")){
let data76 = data74.mac_address;
if(typeof data76 === "string"){
if(!(formats2(data76))){
const err169 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""};
if(vErrors === null){
vErrors = [err169];
}
else {
vErrors.push(err169);
}
errors++;
}
}
else {
const err170 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/mac_address",schemaPath:"#/$defs/NetworkInterface/properties/mac_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err170];
}
else {
vErrors.push(err170);
}
errors++;
}
}
if(data74.ipv4_address !== undefined && func0.call(data74, "ipv4_address")){
let data77 = data74.ipv4_address;
if(typeof data77 === "string"){
if(!(formats4(data77))){
const err171 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""};
if(vErrors === null){
vErrors = [err171];
}
else {
vErrors.push(err171);
}
errors++;
}
}
else {
const err172 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/ipv4_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv4_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err172];
}
else {
vErrors.push(err172);
}
errors++;
}
}
if(data74.ipv6_address !== undefined && func0.call(data74, "ipv6_address")){
let data78 = data74.ipv6_address;
if(typeof data78 === "string"){
if(!(formats6(data78))){
const err173 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""};
if(vErrors === null){
vErrors = [err173];
}
else {
vErrors.push(err173);
}
errors++;
}
}
else {
const err174 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/ipv6_address",schemaPath:"#/$defs/NetworkInterface/properties/ipv6_address/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err174];
}
else {
vErrors.push(err174);
}
errors++;
}
}
if(data74.description !== undefined && func0.call(data74, "description")){
let data79 = data74.description;
if(typeof data79 === "string"){
if(data79.length > 4096 && func5(data79) > 4096){
const err175 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"};
if(vErrors === null){
vErrors = [err175];
}
else {
vErrors.push(err175);
}
errors++;
}
}
else {
const err176 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/description",schemaPath:"#/$defs/NetworkInterface/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err176];
}
else {
vErrors.push(err176);
}
errors++;
}
}
if(data74.serial !== undefined && func0.call(data74, "serial")){
let data80 = data74.serial;
if(typeof data80 === "string"){
if(data80.length > 255 && func5(data80) > 255){
const err177 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err177];
}
else {
vErrors.push(err177);
}
errors++;
}
}
else {
const err178 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/serial",schemaPath:"#/$defs/NetworkInterface/properties/serial/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err178];
}
else {
vErrors.push(err178);
}
errors++;
}
}
if(data74.model !== undefined && func0.call(data74, "model")){
let data81 = data74.model;
if(typeof data81 === "string"){
if(data81.length > 255 && func5(data81) > 255){
const err179 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err179];
}
else {
vErrors.push(err179);
}
errors++;
}
}
else {
const err180 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/model",schemaPath:"#/$defs/NetworkInterface/properties/model/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err180];
}
else {
vErrors.push(err180);
}
errors++;
}
}
if(data74.manufacturer !== undefined && func0.call(data74, "manufacturer")){
let data82 = data74.manufacturer;
if(typeof data82 === "string"){
if(data82.length > 255 && func5(data82) > 255){
const err181 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err181];
}
else {
vErrors.push(err181);
}
errors++;
}
}
else {
const err182 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/manufacturer",schemaPath:"#/$defs/NetworkInterface/properties/manufacturer/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err182];
}
else {
vErrors.push(err182);
}
errors++;
}
}
if(data74.firmware_version !== undefined && func0.call(data74, "firmware_version")){
let data83 = data74.firmware_version;
if(typeof data83 === "string"){
if(data83.length > 255 && func5(data83) > 255){
const err183 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err183];
}
else {
vErrors.push(err183);
}
errors++;
}
}
else {
const err184 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/firmware_version",schemaPath:"#/$defs/NetworkInterface/properties/firmware_version/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err184];
}
else {
vErrors.push(err184);
}
errors++;
}
}
if(data74.extended_data !== undefined && func0.call(data74, "extended_data")){
let data84 = data74.extended_data;
if(data84 && typeof data84 == "object" && !Array.isArray(data84)){
if(Object.keys(data84).length > 1024){
const err185 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"};
if(vErrors === null){
vErrors = [err185];
}
else {
vErrors.push(err185);
}
errors++;
}
}
else {
const err186 = {instancePath:instancePath+"/status/network_interfaces/" + i2+"/extended_data",schemaPath:"#/$defs/NetworkInterface/properties/extended_data/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err186];
}
else {
vErrors.push(err186);
}
errors++;
}
}
}
else {
const err187 = {instancePath:instancePath+"/status/network_interfaces/" + i2,schemaPath:"#/$defs/NetworkInterface/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err187];
}
else {
vErrors.push(err187);
}
errors++;
}
}
}
else {
const err188 = {instancePath:instancePath+"/status/network_interfaces",schemaPath:"#/properties/status/properties/network_interfaces/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err188];
}
else {
vErrors.push(err188);
}
errors++;
}
}
if(data62.extended_data !== undefined && func0.call(data62, "extended_data")){
let data85 = data62.extended_data;
if(data85 && typeof data85 == "object" && !Array.isArray(data85)){
if(Object.keys(data85).length > 1024){
const err189 = {instancePath:instancePath+"/status/extended_data",schemaPath:"#/properties/status/properties/extended_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"};
if(vErrors === null){
vErrors = [err189];
}
else {
vErrors.push(err189);
}
errors++;
}
}
else {
const err190 = {instancePath:instancePath+"/status/extended_data",schemaPath:"#/properties/status/properties/extended_data/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err190];
}
else {
vErrors.push(err190);
}
errors++;
}
}
}
else {
const err191 = {instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err191];
}
else {
vErrors.push(err191);
}
errors++;
}
}
}
else {
const err192 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err192];
}
else {
vErrors.push(err192);
}
errors++;
}
validate5.errors = vErrors;
return errors === 0;
}
validate5.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

exports.NodeCollection = validate6;
const schema13 = {"type":"object","additionalProperties":false,"required":["name","type","nodes"],"properties":{"id":true,"name":{"type":"string","minLength":1,"maxLength":255,"pattern":"^[^\\u0000-\\u001f\\u007f]+$"},"type":{"type":"string","enum":["ad-hoc","tenant","job","partition"]},"nodes":{"type":"array","maxItems":100000,"items":{"type":"string","format":"xname-node"}},"description":{"type":"string","maxLength":4096},"creator_subject":true,"cloud_init_data":{"type":"object","additionalProperties":{"type":"string","maxLength":1048576},"maxProperties":1024},"created_at":true,"updated_at":true,"revision":true}};
const pattern4 = new RegExp("^[^\\u0000-\\u001f\\u007f]+$", "u");

function validate6(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate6.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if((data.name === undefined) || (!(func0.call(data, "name")))){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if((data.type === undefined) || (!(func0.call(data, "type")))){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "type"},message:"must have required property '"+"type"+"'"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if((data.nodes === undefined) || (!(func0.call(data, "nodes")))){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "nodes"},message:"must have required property '"+"nodes"+"'"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
for(const key0 of Object.keys(data)){
if(!(func0.call(schema13.properties, key0))){
const err3 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.name !== undefined && func0.call(data, "name")){
let data0 = data.name;
if(typeof data0 === "string"){
if(!pattern4.test(data0)){
const err4 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000-\\u001f\\u007f]+$"},message:"must match pattern \""+"^[^\\u0000-\\u001f\\u007f]+$"+"\""};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(data0.length < 2 && (data0.length < 1 || func5(data0) < 1)){
const err5 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data0.length > 255 && func5(data0) > 255){
const err6 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.type !== undefined && func0.call(data, "type")){
let data1 = data.type;
if(typeof data1 !== "string"){
const err8 = {instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(!((((data1 === "ad-hoc") || (data1 === "tenant")) || (data1 === "job")) || (data1 === "partition"))){
const err9 = {instancePath:instancePath+"/type",schemaPath:"#/properties/type/enum",keyword:"enum",params:{allowedValues: schema13.properties.type.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.nodes !== undefined && func0.call(data, "nodes")){
let data2 = data.nodes;
if(Array.isArray(data2)){
if(data2.length > 100000){
const err10 = {instancePath:instancePath+"/nodes",schemaPath:"#/properties/nodes/maxItems",keyword:"maxItems",params:{limit: 100000},message:"must NOT have more than 100000 items"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(typeof data3 === "string"){
if(!(formats10(data3))){
const err11 = {instancePath:instancePath+"/nodes/" + i0,schemaPath:"#/properties/nodes/items/format",keyword:"format",params:{format: "xname-node"},message:"must match format \""+"xname-node"+"\""};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/nodes/" + i0,schemaPath:"#/properties/nodes/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
else {
const err13 = {instancePath:instancePath+"/nodes",schemaPath:"#/properties/nodes/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.description !== undefined && func0.call(data, "description")){
let data4 = data.description;
if(typeof data4 === "string"){
if(data4.length > 4096 && func5(data4) > 4096){
const err14 = {instancePath:instancePath+"/description",schemaPath:"#/properties/description/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
else {
const err15 = {instancePath:instancePath+"/description",schemaPath:"#/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.cloud_init_data !== undefined && func0.call(data, "cloud_init_data")){
let data5 = data.cloud_init_data;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(Object.keys(data5).length > 1024){
const err16 = {instancePath:instancePath+"/cloud_init_data",schemaPath:"#/properties/cloud_init_data/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
for(const key1 of Object.keys(data5)){
let data6 = data5[key1];
if(typeof data6 === "string"){
if(data6.length > 1048576 && func5(data6) > 1048576){
const err17 = {instancePath:instancePath+"/cloud_init_data/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/cloud_init_data/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 1048576},message:"must NOT have more than 1048576 characters"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
else {
const err18 = {instancePath:instancePath+"/cloud_init_data/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/cloud_init_data/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
}
else {
const err19 = {instancePath:instancePath+"/cloud_init_data",schemaPath:"#/properties/cloud_init_data/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
else {
const err20 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
validate6.errors = vErrors;
return errors === 0;
}
validate6.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

exports.RedfishEndpoint = validate7;
const schema14 = {"type":"object","additionalProperties":false,"required":["ID"],"properties":{"ID":{"type":"string","format":"xname","minLength":1,"maxLength":255},"Type":{"type":"string","maxLength":255},"Name":{"type":"string","maxLength":255},"Hostname":{"type":"string","maxLength":253},"Domain":{"type":"string","maxLength":253},"FQDN":{"type":"string","maxLength":253},"Enabled":{"type":"boolean"},"URI":{"type":"string","maxLength":2048},"UUID":{"type":"string","format":"uuid"},"User":{"type":"string","maxLength":255},"Password":{"type":"string","minLength":1,"maxLength":1024,"writeOnly":true,"x-holdfast-secret":"PasswordSet","pattern":"^(?!\\*{6}$)"},"PasswordSet":true,"UseSSDP":{"type":"boolean"},"MacRequired":{"type":"boolean"},"MACAddr":{"type":"string","format":"mac-address"},"IPAddress":{"type":"string","maxLength":255,"anyOf":[{"format":"ipv4"},{"format":"ipv6"}]},"RediscoverOnUpdate":{"type":"boolean"},"TemplateID":{"type":"string","maxLength":255},"DiscoveryInfo":{"type":"object","additionalProperties":false,"properties":{"LastAttempt":{"type":"string","format":"date-time"},"LastStatus":{"type":"string","enum":["EndpointInvalid","EPResponseFailedDecode","HTTPsGetFailed","NotYetQueried","VerificationFailed","ChildVerificationFailed","DiscoverOK"]},"RedfishVersion":{"type":"string","maxLength":255}}},"created_at":true,"updated_at":true,"revision":true}};

function validate7(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate7.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if((data.ID === undefined) || (!(func0.call(data, "ID")))){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "ID"},message:"must have required property '"+"ID"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 of Object.keys(data)){
if(!(func0.call(schema14.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.ID !== undefined && func0.call(data, "ID")){
let data0 = data.ID;
if(typeof data0 === "string"){
if(!(formats8(data0))){
const err2 = {instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/format",keyword:"format",params:{format: "xname"},message:"must match format \""+"xname"+"\""};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data0.length < 2 && (data0.length < 1 || func5(data0) < 1)){
const err3 = {instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data0.length > 255 && func5(data0) > 255){
const err4 = {instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/ID",schemaPath:"#/properties/ID/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.Type !== undefined && func0.call(data, "Type")){
let data1 = data.Type;
if(typeof data1 === "string"){
if(data1.length > 255 && func5(data1) > 255){
const err6 = {instancePath:instancePath+"/Type",schemaPath:"#/properties/Type/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/Type",schemaPath:"#/properties/Type/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.Name !== undefined && func0.call(data, "Name")){
let data2 = data.Name;
if(typeof data2 === "string"){
if(data2.length > 255 && func5(data2) > 255){
const err8 = {instancePath:instancePath+"/Name",schemaPath:"#/properties/Name/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
else {
const err9 = {instancePath:instancePath+"/Name",schemaPath:"#/properties/Name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.Hostname !== undefined && func0.call(data, "Hostname")){
let data3 = data.Hostname;
if(typeof data3 === "string"){
if(data3.length > 253 && func5(data3) > 253){
const err10 = {instancePath:instancePath+"/Hostname",schemaPath:"#/properties/Hostname/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/Hostname",schemaPath:"#/properties/Hostname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.Domain !== undefined && func0.call(data, "Domain")){
let data4 = data.Domain;
if(typeof data4 === "string"){
if(data4.length > 253 && func5(data4) > 253){
const err12 = {instancePath:instancePath+"/Domain",schemaPath:"#/properties/Domain/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/Domain",schemaPath:"#/properties/Domain/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.FQDN !== undefined && func0.call(data, "FQDN")){
let data5 = data.FQDN;
if(typeof data5 === "string"){
if(data5.length > 253 && func5(data5) > 253){
const err14 = {instancePath:instancePath+"/FQDN",schemaPath:"#/properties/FQDN/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
else {
const err15 = {instancePath:instancePath+"/FQDN",schemaPath:"#/properties/FQDN/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.Enabled !== undefined && func0.call(data, "Enabled")){
if(typeof data.Enabled !== "boolean"){
const err16 = {instancePath:instancePath+"/Enabled",schemaPath:"#/properties/Enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data.URI !== undefined && func0.call(data, "URI")){
let data7 = data.URI;
if(typeof data7 === "string"){
if(data7.length > 2048 && func5(data7) > 2048){
const err17 = {instancePath:instancePath+"/URI",schemaPath:"#/properties/URI/maxLength",keyword:"maxLength",params:{limit: 2048},message:"must NOT have more than 2048 characters"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
else {
const err18 = {instancePath:instancePath+"/URI",schemaPath:"#/properties/URI/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data.UUID !== undefined && func0.call(data, "UUID")){
let data8 = data.UUID;
if(typeof data8 === "string"){
if(!(formats24(data8))){
const err19 = {instancePath:instancePath+"/UUID",schemaPath:"#/properties/UUID/format",keyword:"format",params:{format: "uuid"},message:"must match format \""+"uuid"+"\""};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/UUID",schemaPath:"#/properties/UUID/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data.User !== undefined && func0.call(data, "User")){
let data9 = data.User;
if(typeof data9 === "string"){
if(data9.length > 255 && func5(data9) > 255){
const err21 = {instancePath:instancePath+"/User",schemaPath:"#/properties/User/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
else {
const err22 = {instancePath:instancePath+"/User",schemaPath:"#/properties/User/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data.Password !== undefined && func0.call(data, "Password")){
let data10 = data.Password;
if(typeof data10 === "string"){
if(!pattern1.test(data10)){
const err23 = {instancePath:instancePath+"/Password",schemaPath:"#/properties/Password/pattern",keyword:"pattern",params:{pattern: "^(?!\\*{6}$)"},message:"must match pattern \""+"^(?!\\*{6}$)"+"\""};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
if(data10.length < 2 && (data10.length < 1 || func5(data10) < 1)){
const err24 = {instancePath:instancePath+"/Password",schemaPath:"#/properties/Password/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
if(data10.length > 1024 && func5(data10) > 1024){
const err25 = {instancePath:instancePath+"/Password",schemaPath:"#/properties/Password/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
else {
const err26 = {instancePath:instancePath+"/Password",schemaPath:"#/properties/Password/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data.UseSSDP !== undefined && func0.call(data, "UseSSDP")){
if(typeof data.UseSSDP !== "boolean"){
const err27 = {instancePath:instancePath+"/UseSSDP",schemaPath:"#/properties/UseSSDP/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data.MacRequired !== undefined && func0.call(data, "MacRequired")){
if(typeof data.MacRequired !== "boolean"){
const err28 = {instancePath:instancePath+"/MacRequired",schemaPath:"#/properties/MacRequired/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
if(data.MACAddr !== undefined && func0.call(data, "MACAddr")){
let data13 = data.MACAddr;
if(typeof data13 === "string"){
if(!(formats2(data13))){
const err29 = {instancePath:instancePath+"/MACAddr",schemaPath:"#/properties/MACAddr/format",keyword:"format",params:{format: "mac-address"},message:"must match format \""+"mac-address"+"\""};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
else {
const err30 = {instancePath:instancePath+"/MACAddr",schemaPath:"#/properties/MACAddr/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data.IPAddress !== undefined && func0.call(data, "IPAddress")){
let data14 = data.IPAddress;
const _errs33 = errors;
let valid1 = false;
const _errs34 = errors;
if(typeof data14 === "string"){
if(!(formats4(data14))){
const err31 = {instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/anyOf/0/format",keyword:"format",params:{format: "ipv4"},message:"must match format \""+"ipv4"+"\""};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
var _valid0 = _errs34 === errors;
valid1 = valid1 || _valid0;
const _errs35 = errors;
if(typeof data14 === "string"){
if(!(formats6(data14))){
const err32 = {instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/anyOf/1/format",keyword:"format",params:{format: "ipv6"},message:"must match format \""+"ipv6"+"\""};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
var _valid0 = _errs35 === errors;
valid1 = valid1 || _valid0;
if(!valid1){
const err33 = {instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf"};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
else {
errors = _errs33;
if(vErrors !== null){
if(_errs33){
vErrors.length = _errs33;
}
else {
vErrors = null;
}
}
}
if(typeof data14 === "string"){
if(data14.length > 255 && func5(data14) > 255){
const err34 = {instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/IPAddress",schemaPath:"#/properties/IPAddress/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data.RediscoverOnUpdate !== undefined && func0.call(data, "RediscoverOnUpdate")){
if(typeof data.RediscoverOnUpdate !== "boolean"){
const err36 = {instancePath:instancePath+"/RediscoverOnUpdate",schemaPath:"#/properties/RediscoverOnUpdate/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
if(data.TemplateID !== undefined && func0.call(data, "TemplateID")){
let data16 = data.TemplateID;
if(typeof data16 === "string"){
if(data16.length > 255 && func5(data16) > 255){
const err37 = {instancePath:instancePath+"/TemplateID",schemaPath:"#/properties/TemplateID/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
else {
const err38 = {instancePath:instancePath+"/TemplateID",schemaPath:"#/properties/TemplateID/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
if(data.DiscoveryInfo !== undefined && func0.call(data, "DiscoveryInfo")){
let data17 = data.DiscoveryInfo;
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
for(const key1 of Object.keys(data17)){
if(!(((key1 === "LastAttempt") || (key1 === "LastStatus")) || (key1 === "RedfishVersion"))){
const err39 = {instancePath:instancePath+"/DiscoveryInfo",schemaPath:"#/properties/DiscoveryInfo/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
if(data17.LastAttempt !== undefined && func0.call(data17, "LastAttempt")){
let data18 = data17.LastAttempt;
if(typeof data18 === "string"){
if(!(formats50(data18))){
const err40 = {instancePath:instancePath+"/DiscoveryInfo/LastAttempt",schemaPath:"#/properties/DiscoveryInfo/properties/LastAttempt/format",keyword:"format",params:{format: "date-time"},message:"must match format \""+"date-time"+"\""};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
else {
const err41 = {instancePath:instancePath+"/DiscoveryInfo/LastAttempt",schemaPath:"#/properties/DiscoveryInfo/properties/LastAttempt/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data17.LastStatus !== undefined && func0.call(data17, "LastStatus")){
let data19 = data17.LastStatus;
if(typeof data19 !== "string"){
const err42 = {instancePath:instancePath+"/DiscoveryInfo/LastStatus",schemaPath:"#/properties/DiscoveryInfo/properties/LastStatus/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
if(!(((((((data19 === "EndpointInvalid") || (data19 === "EPResponseFailedDecode")) || (data19 === "HTTPsGetFailed")) || (data19 === "NotYetQueried")) || (data19 === "VerificationFailed")) || (data19 === "ChildVerificationFailed")) || (data19 === "DiscoverOK"))){
const err43 = {instancePath:instancePath+"/DiscoveryInfo/LastStatus",schemaPath:"#/properties/DiscoveryInfo/properties/LastStatus/enum",keyword:"enum",params:{allowedValues: schema14.properties.DiscoveryInfo.properties.LastStatus.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data17.RedfishVersion !== undefined && func0.call(data17, "RedfishVersion")){
let data20 = data17.RedfishVersion;
if(typeof data20 === "string"){
if(data20.length > 255 && func5(data20) > 255){
const err44 = {instancePath:instancePath+"/DiscoveryInfo/RedfishVersion",schemaPath:"#/properties/DiscoveryInfo/properties/RedfishVersion/maxLength",keyword:"maxLength",params:{limit: 255},message:"must NOT have more than 255 characters"};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
else {
const err45 = {instancePath:instancePath+"/DiscoveryInfo/RedfishVersion",schemaPath:"#/properties/DiscoveryInfo/properties/RedfishVersion/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
else {
const err46 = {instancePath:instancePath+"/DiscoveryInfo",schemaPath:"#/properties/DiscoveryInfo/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
}
else {
const err47 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
validate7.errors = vErrors;
return errors === 0;
}
validate7.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

return exports;
}
