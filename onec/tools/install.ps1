<#
.SYNOPSIS
Ставит, обновляет и убирает расширение «ПосредникДоставка» в базе 1С под Windows. Нужен только Windows PowerShell 5.1.

.DESCRIPTION
install.cmd install -Base C:\Bases\UT -User Администратор
install.cmd update  -Base server\ut -User Администратор -Mode Version8_3_21
install.cmd remove  -Base server\ut -User Администратор -Yes
install.cmd epf     -Base C:\Bases\UT -User Администратор -Target C:\Temp\exchange.epf
install.cmd copy    -Target C:\Temp\extension -Platform "C:\Program Files\1cv8\8.3.18.1334"

update - то же, что install: очередь и настройки остаются. remove удаляет их вместе с расширением.
copy только делает копию, которую можно загрузить руками: Конфигуратор, Расширения, «Загрузить из файлов».
epf собирает дополнительную обработку: запуск обмена там, где своих заданий у расширения нет.
Пароль спрашивается или берется из переменной ONEC_PASSWORD. Правит копию так же, как prepare.py.
#>
param(
    [Parameter(Position = 0)][ValidateSet('install', 'update', 'remove', 'check', 'copy', 'epf')][string]$Job,
    [string]$Base,
    [string]$User,
    [string]$Platform,
    [string]$Mode,
    [string]$BaseDump,
    [string[]]$Without = @(),
    [string]$Target,
    [switch]$Yes,
    [switch]$Help
)

$ErrorActionPreference = 'Stop'
$Name = 'ПосредникДоставка'
$Buttons = 'ПодключаемыеКомандыПереопределяемый'
$OwnFormat = '2.13'
$NewClass = 'fb282519-d103-4dd3-bc12-cb271d631dfc'
$Inherited = 'DefaultRunMode', 'UsePurposes', 'ScriptVariant', 'DefaultRoles', 'Vendor', 'Version', 'DefaultLanguage',
    'BriefInformation', 'DetailedInformation', 'Copyright', 'VendorInformationAddress', 'ConfigurationInformationAddress'
$Source = Join-Path $PSScriptRoot '..\extension'
$Utf8 = New-Object System.Text.UTF8Encoding($false)
$Notes = New-Object System.Collections.ArrayList
# Из install.cmd список приходит одной строкой.
$Without = @($Without | ForEach-Object { $_.Split(',') })

if ($Help -or -not $Job) {
    Get-Help $PSCommandPath -Detailed
    exit 2
}

# "8.3.24.1691", "Version8_3_14" -> версия; DontUse -> $null.
function Get-VersionOf([string]$Text) {
    if ($Text -match '(\d+)[._](\d+)[._](\d+)') {
        return New-Object System.Version([int]$Matches[1], [int]$Matches[2], [int]$Matches[3])
    }
    return $null
}

function Get-Rows([string]$File) {
    $path = Join-Path $PSScriptRoot $File
    $lines = [System.IO.File]::ReadAllLines($path, $Utf8)
    foreach ($line in $lines[1..($lines.Length - 1)]) {
        if ($line) { , $line.Split("`t") }
    }
}

function Get-FormatFor([System.Version]$Wanted) {
    if ($Wanted -lt [System.Version]'8.3.10') {
        throw "Платформа $Wanted старше 8.3.10: расширение в нее не загрузить."
    }
    $best = ''
    foreach ($row in (Get-Rows 'formats.tsv')) {
        if ($Wanted -ge (Get-VersionOf $row[0])) { $best = $row[1].Trim() }
    }
    return $best
}

function Get-Text([string]$Path) {
    if (Test-Path -LiteralPath $Path) { return [System.IO.File]::ReadAllText($Path, $Utf8) }
    return ''
}

# Метка порядка байтов остается первым знаком текста, концы строк не меняются.
function Edit-File([string]$Path, [string]$Pattern, [string]$New) {
    $bytes = [System.IO.File]::ReadAllBytes($Path)
    $before = $Utf8.GetString($bytes)
    $after = [regex]::Replace($before, $Pattern, $New, [System.Text.RegularExpressions.RegexOptions]::Singleline)
    if ($after -cne $before) { [System.IO.File]::WriteAllBytes($Path, $Utf8.GetBytes($after)) }
}

function Edit-All([string]$Folder, [string]$Pattern, [string]$New) {
    foreach ($file in Get-ChildItem -LiteralPath $Folder -Recurse -Filter *.xml) {
        Edit-File $file.FullName $Pattern $New
    }
}

function Remove-Object([string]$Root, [string]$Kind, [string]$Folder, [string]$Object) {
    Remove-Item -LiteralPath (Join-Path $Root "$Folder\$Object.xml")
    $own = Join-Path $Root "$Folder\$Object"
    if (Test-Path -LiteralPath $own) { Remove-Item -LiteralPath $own -Recurse }
    Edit-File (Join-Path $Root 'Configuration.xml') "\r\n\t\t\t<$Kind>$Object</$Kind>" ''
    foreach ($file in Get-ChildItem -LiteralPath (Join-Path $Root 'Subsystems') -Filter *.xml) {
        Edit-File $file.FullName "\s*<xr:Item[^>]*>$Kind\.$Object</xr:Item>" ''
    }
}

function Set-Adopted([string]$Path, [string]$Uuid) {
    $tag = 'ExtendedConfigurationObject'
    Edit-File $Path "\s*<$tag>[^<]*</$tag>" ''
    $after = '(\r\n\t+<)(ObjectBelonging>\w+</ObjectBelonging>)'
    Edit-File $Path $after ('$1$2$1' + $tag + '>' + $Uuid + '</' + $tag + '>')
}

# Убирает то, что появилось после этой платформы: простые и пустые элементы, вид хранимого объекта.
function Remove-Unknown([string]$Root, [System.Version]$Version) {
    foreach ($row in (Get-Rows 'newer.tsv')) {
        if ($Version -lt (Get-VersionOf $row[0])) {
            $tag = $row[1].Trim()
            Edit-All $Root "\s*<(?:xr:)?${tag}(?:/>|>[^<]*</(?:xr:)?${tag}>)" ''
        }
    }
    if ($Version -lt [System.Version]'8.3.12') { Edit-All $Root '\bPlatformApplication\b' 'PersonalComputer' }
    if ($Version -lt [System.Version]'8.3.17') {
        $contained = "\s*<xr:ContainedObject>\s*<xr:ClassId>$NewClass</xr:ClassId>.*?</xr:ContainedObject>"
        Edit-File (Join-Path $Root 'Configuration.xml') $contained ''
        [void]$Notes.Add('убрано то, чего платформа не знает')
    }
}

# То же, что prepare() в prepare.py, тем же порядком.
function New-Copy([string]$Root, [string]$PlatformText) {
    $version = Get-VersionOf $PlatformText
    if ($null -eq $version) { throw "Не понять версию платформы «$PlatformText»: нужна вида 8.3.24.1691." }
    $number = Get-FormatFor $version
    if (Test-Path -LiteralPath (Join-Path $Root 'Configuration.xml')) { Remove-Item -LiteralPath $Root -Recurse }
    [void](New-Item -ItemType Directory -Force -Path $Root)
    Copy-Item -Path (Join-Path $Source '*') -Destination $Root -Recurse
    $configuration = Join-Path $Root 'Configuration.xml'

    if ($number -ne $OwnFormat) {
        $roots = '(<(?:MetaDataObject|Form|Rights|JobSchedule)\b[^>]*\bversion=")[^"]*'
        Edit-All $Root $roots ('${1}' + $number)
        [void]$Notes.Add("формат файлов $number")
    }

    $facts = @{}
    if ($BaseDump) {
        $places = @{ 'Русский' = 'Languages\Русский.xml'; $Buttons = "CommonModules\$Buttons.xml" }
        foreach ($key in $places.Keys) {
            if ((Get-Text (Join-Path $BaseDump $places[$key])) -match 'uuid="([0-9a-f-]{36})"') { $facts[$key] = $Matches[1] }
        }
        $known = Get-Text (Join-Path $BaseDump 'Configuration.xml')
        if (-not $Mode -and $known -match '<CompatibilityMode>(\w+)<') { $script:Mode = $Matches[1] }
    }
    if ($Mode) {
        $tag = 'ConfigurationExtensionCompatibilityMode'
        Edit-File $configuration "(<$tag>)\w+" ('${1}' + $Mode)
        [void]$Notes.Add("режим совместимости $Mode")
    }
    $rules = $version
    if ((Get-Text $configuration) -match '<ConfigurationExtensionCompatibilityMode>(\w+)<') {
        $set = Get-VersionOf $Matches[1]
        if ($null -ne $set -and $set -lt $version) { $rules = $set }
    }

    if ($rules -lt [System.Version]'8.3.14') {
        foreach ($property in $Inherited) {
            Edit-File $configuration "\r\n\t\t\t<$property(?:/>|>.*?</$property>)" ''
        }
        [void]$Notes.Add('убраны свойства, которые старый режим совместимости менять не дает')
    }
    if ($Without -contains 'jobs' -or $rules -lt [System.Version]'8.3.16') {
        foreach ($file in Get-ChildItem -LiteralPath (Join-Path $Root 'ScheduledJobs') -Filter *.xml) {
            Remove-Object $Root 'ScheduledJob' 'ScheduledJobs' $file.BaseName
        }
        [void]$Notes.Add('своих регламентных заданий не будет: обмен запускает дополнительная обработка')
    }
    if ($Without -contains 'buttons' -or ($BaseDump -and -not $facts.ContainsKey($Buttons))) {
        Remove-Object $Root 'CommonModule' 'CommonModules' $Buttons
        [void]$Notes.Add('кнопок в формах не будет: в конфигурации нет «Подключаемых команд» БСП')
    } elseif ($facts.ContainsKey($Buttons)) {
        Set-Adopted (Join-Path $Root "CommonModules\$Buttons.xml") $facts[$Buttons]
    }
    if ($facts.ContainsKey('Русский')) { Set-Adopted (Join-Path $Root 'Languages\Русский.xml') $facts['Русский'] }
    Remove-Unknown $Root $version
    Write-Host ('Копия расширения: ' + $(if ($Notes.Count) { $Notes -join '; ' } else { 'без изменений' }))
}

# Журнал в UTF-8 или windows-1251, смотря по платформе.
function Read-Log([string]$Path) {
    if (-not (Test-Path -LiteralPath $Path)) { return '' }
    $bytes = [System.IO.File]::ReadAllBytes($Path)
    try {
        return (New-Object System.Text.UTF8Encoding($false, $true)).GetString($bytes).Trim([char]0xFEFF).Trim()
    } catch {
        return [System.Text.Encoding]::GetEncoding(1251).GetString($bytes).Trim()
    }
}

# Один запуск Конфигуратора. Журнал решает наравне с кодом возврата: тот бывает 0 и после ошибки.
function Invoke-Designer([string[]]$Commands) {
    $log = Join-Path $Work 'log.txt'
    Remove-Item -LiteralPath $log -ErrorAction SilentlyContinue
    $where = if ($Base -match '^[^\\:]+(:\d+)?\\[^\\]+$') { '/S' } else { '/F' }
    $arguments = @('DESIGNER', $where, $Base)
    if ($User) { $arguments += '/N', $User }
    if ($Password) { $arguments += '/P', $Password }
    $arguments += $Commands
    $arguments += '/WA-', '/DisableStartupDialogs', '/DisableStartupMessages', '/Out', $log
    $quoted = $arguments | ForEach-Object { if ($_ -match '[\s"]') { '"' + ($_ -replace '"', '""') + '"' } else { $_ } }
    $process = Start-Process -FilePath (Join-Path $Platform 'bin\1cv8.exe') -ArgumentList $quoted -Wait -PassThru
    $text = Read-Log $log
    if ($text) { Write-Host $text }
    $failed = $process.ExitCode -ne 0
    foreach ($row in (Get-Rows 'advice.tsv')) {
        if ($text -match $row[0]) {
            $failed = $true
            if ($row[1] -ne '-') { Write-Host $row[1] }
        }
    }
    if ($failed) { throw "Конфигуратор не справился (код $($process.ExitCode)), журнал выше" }
}

if (-not $Platform) {
    $found = Get-ChildItem -Path "$env:ProgramFiles\1cv8\8.*", "${env:ProgramFiles(x86)}\1cv8\8.*" -ErrorAction SilentlyContinue |
        Where-Object { Test-Path -LiteralPath (Join-Path $_.FullName 'bin\1cv8.exe') } |
        Sort-Object { [System.Version]$_.Name } | Select-Object -Last 1
    if (-not $found) { throw 'Платформа не найдена, укажите -Platform' }
    $Platform = $found.FullName
}
$PlatformVersion = Split-Path -Leaf $Platform

if ($Job -eq 'copy') {
    if (-not $Target) { throw 'Укажите -Target: папку для копии' }
    New-Copy $Target $PlatformVersion
    exit 0
}

if ($Job -eq 'epf' -and -not $Target) { throw 'Укажите -Target: файл обработки' }
if (-not $Base) { throw 'Укажите -Base: папку файловой базы или сервер\база' }
if ($Job -eq 'remove' -and -not $Yes) {
    throw 'remove удалит и очередь, и настройки обмена; если так и нужно, добавьте -Yes'
}
$Password = $env:ONEC_PASSWORD
if ($User -and $null -eq $Password) {
    $secret = Read-Host -AsSecureString "Пароль пользователя $User"
    $Password = (New-Object System.Management.Automation.PSCredential('x', $secret)).GetNetworkCredential().Password
}
$Work = Join-Path ([System.IO.Path]::GetTempPath()) ([System.Guid]::NewGuid().ToString())
[void](New-Item -ItemType Directory -Path $Work)
try {
    switch ($Job) {
        { $_ -in 'install', 'update' } {
            $copy = Join-Path $Work 'extension'
            New-Copy $copy $PlatformVersion
            Invoke-Designer @('/LoadConfigFromFiles', $copy, '-Extension', $Name)
            Invoke-Designer @('/UpdateDBCfg', '-Extension', $Name)
            Invoke-Designer @('/CheckCanApplyConfigurationExtensions', '-Extension', $Name)
            Write-Host "Загружено. Теперь в Конфигураторе: Конфигурация - Расширения конфигурации, строка «$Name»:"
            Write-Host 'снимите «Безопасный режим» и «Защита от опасных действий», иначе обмен не выйдет в сеть.'
        }
        'epf' {
            $copy = Join-Path $Work 'additional'
            Copy-Item -LiteralPath (Join-Path $PSScriptRoot '..\additional') -Destination $copy -Recurse
            $number = Get-FormatFor (Get-VersionOf $PlatformVersion)
            Edit-All $copy '(<MetaDataObject\b[^>]*\bversion=")[^"]*' ('${1}' + $number)
            $module = Join-Path $copy 'ДоставкаОбмен\Ext'
            [void](New-Item -ItemType Directory -Path $module)
            Move-Item -LiteralPath (Join-Path $copy 'МодульОбъекта.bsl') -Destination (Join-Path $module 'ObjectModule.bsl')
            $xml = Join-Path $copy 'ДоставкаОбмен.xml'
            Invoke-Designer @('/LoadExternalDataProcessorOrReportFromFiles', $xml, $Target)
        }
        'check' { Invoke-Designer @('/CheckCanApplyConfigurationExtensions', '-Extension', $Name) }
        'remove' { Invoke-Designer @('/ManageCfgExtensions', '-delete', '-Extension', $Name) }
    }
    Write-Host 'Готово'
} finally {
    Remove-Item -LiteralPath $Work -Recurse -Force
}
