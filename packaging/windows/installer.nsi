; The installer for Windows. Per user unless told otherwise; `/S` installs silently, `/AllUsers` for
; everybody (as an administrator), `/D=FOLDER` (last, unquoted) elsewhere.
;
; build.py defines VERSION, NUMBERS (a.b.c.d), PAYLOAD (a folder), TARGET and ICON,
; CPU (as amd64-unicode) where the compiler has more than one, and SIGN (a command that signs the
; file behind it) where there is a key.

!ifdef CPU
  Target ${CPU}
!endif
Unicode true
ManifestDPIAware true
SetCompressor /SOLID lzma

!define NAME "DbEngine Browser"
!define ID "DbEngineBrowser"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${ID}"

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_INSTALLMODE_INSTDIR "${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "Software\${ID}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "Folder"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "Software\${ID}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "Folder"
!define MULTIUSER_USE_PROGRAMFILES64
!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh

Name "${NAME}"
OutFile "${TARGET}"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} Setup"
VIAddVersionKey "LegalCopyright" "The author of ${NAME}"

!ifdef SIGN
  !uninstfinalize '${SIGN} "%1"'
!endif

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\dbengine-browser.exe"
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Var AskedFor

Function .onInit
  StrCpy $AskedFor $INSTDIR ; of /D=, which MultiUser would forget
  !insertmacro MULTIUSER_INIT
  ${If} $AskedFor != ""
    StrCpy $INSTDIR $AskedFor
  ${EndIf}
FunctionEnd

Function un.onInit
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

; Explorer offers to open a folder as a database, and a click inside one, too.
!macro OfferOnFolders KEY ARGUMENT
  WriteRegStr SHCTX "Software\Classes\${KEY}\shell\${ID}" "" "Open in ${NAME}"
  WriteRegStr SHCTX "Software\Classes\${KEY}\shell\${ID}" "Icon" "$INSTDIR\dbengine-browser.exe"
  WriteRegStr SHCTX "Software\Classes\${KEY}\shell\${ID}\command" "" \
    '"$INSTDIR\dbengine-browser.exe" "${ARGUMENT}"'
!macroend

Section "-program"
  ; A file of an older version that the new one does not have must not stay.
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\dbengine-browser.exe"

  !insertmacro OfferOnFolders "Directory" "%1"
  !insertmacro OfferOnFolders "Directory\Background" "%V"
  ; format.json is what marks a database; the program is offered for JSON, never made the default.
  WriteRegStr SHCTX "Software\Classes\${ID}" "" "DbEngine database"
  WriteRegStr SHCTX "Software\Classes\${ID}\DefaultIcon" "" "$INSTDIR\dbengine-browser.exe,0"
  WriteRegStr SHCTX "Software\Classes\${ID}\shell\open\command" "" \
    '"$INSTDIR\dbengine-browser.exe" "%1"'
  WriteRegStr SHCTX "Software\Classes\.json\OpenWithProgids" "${ID}" ""
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'

  WriteRegStr SHCTX "Software\${ID}" "Folder" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayIcon" "$INSTDIR\dbengine-browser.exe"
  WriteRegStr SHCTX "${UNINSTALL}" "Publisher" "The author of ${NAME}"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "UninstallString" \
    '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL}" "QuietUninstallString" \
    '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD SHCTX "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

; Only what the installer has brought: whatever else is in the folder is the user's own.
Section "Uninstall"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\dbengine-browser.exe"
  Delete "$INSTDIR\dbengine.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey SHCTX "Software\Classes\Directory\shell\${ID}"
  DeleteRegKey SHCTX "Software\Classes\Directory\Background\shell\${ID}"
  DeleteRegKey SHCTX "Software\Classes\${ID}"
  DeleteRegValue SHCTX "Software\Classes\.json\OpenWithProgids" "${ID}"
  DeleteRegKey /ifempty SHCTX "Software\Classes\.json\OpenWithProgids"
  DeleteRegKey /ifempty SHCTX "Software\Classes\.json"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  DeleteRegKey SHCTX "${UNINSTALL}"
  DeleteRegKey SHCTX "Software\${ID}"
SectionEnd
